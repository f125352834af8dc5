import { namePattern } from '../domain/name.ts'
import { addressLiteral } from './literal.ts'
import { assertPlain } from './node.ts'
import type { PrepReply, PrepSystem } from './prep.ts'
import { checkerOf } from './report.ts'

/** What one machine gets: the script of its system, then the one that checks it when that is another. See `kitSystems`. */
export type KitMachine = { backend: { name: string; address: string }; scripts: readonly KitScript[] }
export type KitScript = Pick<PrepReply, 'system' | 'filename' | 'text' | 'commands' | 'sha256'>

/** A file of the kit; `name` is its path inside, with `/` between folder and file. */
export type KitFile = { name: string; text: string }

/** The systems whose scripts a machine of this system gets: what has no check of its own is checked by another script. */
export function kitSystems(system: PrepSystem): PrepSystem[] {
  const checker = checkerOf(system)
  return checker === null || checker === system ? [system] : [system, checker]
}

/**
 * The files that prepare all backends of a farm: one folder for each machine, what to do in README.txt, and SHA256SUMS for
 * `sha256sum -c`. Throws on a name that could not be a folder everywhere.
 */
export function farmKit(farm: { name: string }, machines: readonly KitMachine[]): KitFile[] {
  const placed = machines.map((machine) => ({ ...machine, folder: safe(machine.backend.name, namePattern) }))
  const scripts = placed.flatMap(({ folder, scripts }) => scripts.map((script) => ({ name: `${folder}/${safe(script.filename, /^[A-Za-z0-9][A-Za-z0-9._-]*$/)}`, ...script })))
  const sums = scripts.map(({ sha256, name }) => `${sha256}  ${name}\n`).join('')
  const readme = [...opening(safe(farm.name, namePattern)), ...placed.flatMap(({ backend, folder, scripts }) => [`${folder}: backend ${backend.name}, ${addressLiteral(backend.address).text}`, ...scripts.flatMap(described), ''])]
  return [{ name: 'README.txt', text: assertPlain(readme.join('\n')) }, { name: 'SHA256SUMS', text: sums }, ...scripts.map(({ name, text }) => ({ name, text }))]
}

function opening(farm: string): string[] {
  return [
    `Preparation of the backends of farm ${farm} for Direct Server Return`,
    '',
    'Each folder is for one backend. Copy it to that machine and run the commands below in it.',
    'To see that everything arrived whole: sha256sum -c SHA256SUMS',
    'A check with --json (PowerShell: -Json) prints what the page of the backend in the console takes: paste it there.',
    '',
  ]
}

function described({ system, filename, commands, sha256 }: KitScript, index: number): string[] {
  const lines = index === 0 ? [`  apply    ${commands.apply}`, `  check    ${commands.check}`, `  undo     ${commands.undo}`] : []
  return [`  ${filename} (${system}${index === 0 ? '' : ', for the check only'})`, `  SHA-256  ${sha256}`, ...lines]
}

function safe(name: string, pattern: RegExp): string {
  if (!pattern.test(name)) throw new Error('A file of the kit would have an unsafe name.')
  return name
}
