import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** Runs a program (an argument vector, no shell) and answers its standard output. Throws with its standard error. */
export async function command(argv: readonly string[], timeoutMs = 30_000): Promise<string> {
  const [program = '', ...args] = argv
  const { stdout } = await execute(program, args, { timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024, env: { ...process.env, LC_ALL: 'C' } })
  return stdout
}

/** The argument vector that runs a program inside a network namespace. */
export function inside(namespace: string, argv: readonly string[]): string[] {
  return ['ip', 'netns', 'exec', namespace, ...argv]
}

/** Writes values below /proc/sys of a namespace; a minimal Debian has no sysctl program. */
export async function setSysctls(namespace: string, values: Record<string, string>): Promise<void> {
  for (const [path, value] of Object.entries(values)) {
    await command(inside(namespace, ['sh', '-c', 'printf %s "$1" >"/proc/sys/$2"', 'sh', value, path]))
  }
}
