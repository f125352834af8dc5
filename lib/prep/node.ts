import type { Literal, Slug } from './literal.ts'

declare const fixed: unique symbol
declare const remark: unique symbol

/** Program text of this project, without any value in it. */
export type Block = string & { readonly [fixed]: true }
export type Remark = string & { readonly [remark]: true }

/** The parts of a script. Values appear in `scalar` and `list` only, names in `comment` only. */
export type ScriptNode =
  | { kind: 'comment'; text: Remark }
  | { kind: 'blank' }
  | { kind: 'scalar'; name: Block; value: Literal }
  | { kind: 'list'; name: Block; values: readonly Literal[] }
  | { kind: 'block'; text: Block }

/**
 * Marks constant program text. A placeholder does not compile: there is no type for one. `\${` and a backslash before a
 * backtick stand for the characters themselves; every other backslash stays, so that the text reads like the script.
 */
export function block(strings: TemplateStringsArray, ...none: never[]): Block {
  if (none.length > 0) throw new Error('Program text takes no values.')
  return (strings.raw[0] ?? '').replace(/\\(\$\{|`)/g, '$1').replace(/^\n/, '').replace(/\n$/, '') as Block
}

/** One line of comment; names in it are slugs. */
export function comment(strings: TemplateStringsArray, ...values: Array<Slug | Literal>): ScriptNode {
  const text = strings.raw.map((part, index) => part + (values[index] ?? '')).join('')
  return { kind: 'comment', text: text as Remark }
}

export const blank: ScriptNode = { kind: 'blank' }

/** Throws unless the text is printable ASCII and newlines: no other character can hide anything from a reader or a parser. */
export function assertPlain(text: string): string {
  if (!/^[\n\x20-\x7e]*$/.test(text)) throw new Error('A preparation script must be printable ASCII.')
  return text
}
