import { readdirSync, readFileSync } from 'node:fs'
import { prepScript } from '#lib/prep/script.ts'
import type { PrepInput, PrepScript, PrepSystem } from '#lib/prep/prep.ts'

const folder = new URL('golden/', import.meta.url)
const suffixes: Record<PrepSystem, string> = {
  'linux': 'sh',
  'linux-redirect': 'sh',
  'windows-powershell': 'ps1',
  'windows-cmd': 'cmd',
  'ansible': 'yml',
  'cloud-init': 'yaml',
  'netplan': 'yaml',
  'networkd': 'network',
  'networkmanager': 'nmconnection',
  'ifupdown': 'interfaces',
  'freebsd': 'conf',
  'container': 'yaml',
}

export type Golden = { name: string; input: PrepInput; file: URL }

/** The cases of the golden folder; `file` holds the expected script. */
export const goldens: Golden[] = readdirSync(folder)
  .filter((name) => /^\d/.test(name))
  .sort()
  .map((name) => {
    const input = JSON.parse(readFileSync(new URL(`${name}/input.json`, folder), 'utf8')) as PrepInput
    return { name, input, file: new URL(`${name}/expected.${suffixes[input.system]}`, folder) }
  })

export function goldensFor(system: PrepSystem): Golden[] {
  return goldens.filter((golden) => golden.input.system === system)
}

/** Generates a script that must not be refused. */
export function generate(input: PrepInput): PrepScript {
  const script = prepScript(input)
  if ('refusal' in script) throw new Error(script.refusal)
  return script
}

/** What the golden folder holds. The Linux script inside an automation has goldens of its own; here one line stands for it. */
export function goldenText(input: PrepInput): string {
  const { text } = generate(input)
  if (!carriers.has(input.system)) return text
  const inside = generate({ ...input, system: 'linux' }).text.trimEnd().replace(/^(?=.)/gm, '      ')
  return text.replace(inside, () => '      (the Linux script)')
}

const carriers = new Set<PrepSystem>(['ansible', 'cloud-init'])
