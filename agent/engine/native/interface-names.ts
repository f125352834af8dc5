import { readFile } from 'node:fs/promises'

/** The interfaces of this network namespace (proc(5): /proc/net/dev). */
export async function interfaceNames(): Promise<Set<string>> {
  const lines = (await readFile('/proc/net/dev', 'utf8')).split('\n').slice(2)
  return new Set(lines.map((line) => line.split(':')[0]?.trim() ?? ''))
}
