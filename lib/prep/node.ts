import type { HostPrefix, Literal, Slug } from './literal.ts'
import type { PrepScript } from './prep.ts'

declare const fixed: unique symbol
declare const remark: unique symbol
declare const filled: unique symbol

/** Program text of this project, without any value in it. */
export type Block = string & { readonly [fixed]: true }
export type Remark = string & { readonly [remark]: true }
/** A line of a configuration file or a command: program text of this project with values in it. */
export type Line = string & { readonly [filled]: true }

export type Comment = { kind: 'comment'; text: Remark }
export type ConfigLine = { kind: 'line'; text: Line }

/** The parts of a script. Values appear in `scalar` and `list` only, names in `comment` only. */
export type ScriptNode = Comment | { kind: 'blank' } | { kind: 'scalar'; name: Block; value: Literal } | { kind: 'list'; name: Block; values: readonly Literal[] } | { kind: 'block'; text: Block }

/** The parts of a configuration file. Values appear in `line` only, names in `comment` only; `embedded` is a finished script, indented. */
export type ConfigNode = Comment | { kind: 'blank' } | ConfigLine | { kind: 'block'; text: Block } | { kind: 'embedded'; indent: number; script: PrepScript }

/**
 * Marks constant program text. A placeholder does not compile: there is no type for one. `\${` and a backslash before a
 * backtick stand for the characters themselves; every other backslash stays, so that the text reads like the script.
 */
export function block(strings: TemplateStringsArray, ...none: never[]): Block {
  if (none.length > 0) throw new Error('Program text takes no values.')
  return unescaped(strings.raw[0] ?? '').replace(/^\n/, '').replace(/\n$/, '') as Block
}

/** One line of comment; names in it are slugs. */
export function comment(strings: TemplateStringsArray, ...values: Array<Slug | Literal | Line>): Comment {
  return { kind: 'comment', text: joined(strings, values) as Remark }
}

/** One line of a configuration file, or a command, with values in it. A plain string does not compile. */
export function line(strings: TemplateStringsArray, ...values: Array<Literal | Line | HostPrefix>): ConfigLine {
  return { kind: 'line', text: joined(strings, values) as Line }
}

export const blank = { kind: 'blank' } as const

/** Throws unless the text is printable ASCII and newlines: no other character can hide anything from a reader or a parser. */
export function assertPlain(text: string): string {
  if (!/^[\n\x20-\x7e]*$/.test(text)) throw new Error('A preparation script must be printable ASCII.')
  return text
}

function joined(strings: TemplateStringsArray, values: ReadonlyArray<string | number>): string {
  const text = strings.raw.map((part, index) => unescaped(part) + (values[index] ?? '')).join('')
  if (text.includes('\n')) throw new Error('This is more than one line.')
  return text
}

function unescaped(raw: string): string {
  return raw.replace(/\\(\$\{|`)/g, '$1')
}
