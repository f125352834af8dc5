import { readdirSync, readFileSync } from 'node:fs'
import type { Block } from '#lib/prep/node.ts'
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

/** A block of the Linux scripts, which is the same in each of them, and the file that has its text. */
export type GoldenBlock = { name: string; text: string; file: URL }

/** The blocks by the files of `lib/prep` that have them. */
export const blocks: GoldenBlock[] = (await Promise.all(['linux', 'linux-redirect'].map(blocksOf))).flat()

async function blocksOf(system: string): Promise<GoldenBlock[]> {
  const source = new URL(`../../../lib/prep/${system}/`, import.meta.url)
  const files = readdirSync(source).filter((name) => name.startsWith('body-')).sort()
  const found = await Promise.all(files.map(async (name) => Object.entries((await import(new URL(name, source).href)) as Record<string, Block>)))
  return found.flat().map(([key, text]) => ({ name: `${system} ${key}`, text, file: new URL(`blocks/${system}-${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.sh`, folder) }))
}

/** What the golden folder holds. The blocks of a Linux script, and that script inside an automation, have goldens of their own; here one line stands for each. */
export function goldenText(input: PrepInput): string {
  const { text } = generate(input)
  if (input.system === 'linux' || input.system === 'linux-redirect') return blocks.reduce((rest, block) => rest.replace(block.text, () => `# (the block ${block.name})`), text)
  if (!carriers.has(input.system)) return text
  const inside = generate({ ...input, system: 'linux' }).text.trimEnd().replace(/^(?=.)/gm, '      ')
  return text.replace(inside, () => '      (the Linux script)')
}

const carriers = new Set<PrepSystem>(['ansible', 'cloud-init'])
