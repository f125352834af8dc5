import type { PrepFacts } from '../facts.ts'
import { blank, comment, line } from '../node.ts'
import type { Comment, ConfigLine, ConfigNode } from '../node.ts'
import type { PrepChange, PrepScript, PrepSystem } from '../prep.ts'
import { printConfig } from '../print-config.ts'

/** A configuration file that somebody puts into place by hand, with everything around it in its comments. */
export type DocumentParts = {
  system: PrepSystem
  filename: ConfigLine
  /** What the file is, in one line. */
  title: Comment
  /** Commands in their order, with the file in the current folder. */
  apply: ConfigLine[]
  check: ConfigLine[]
  undo: ConfigLine[]
  /** What somebody must know beforehand: the order at boot, other versions, what it cannot do. */
  notes: Comment[]
  content: ConfigNode[]
  changes: PrepChange[]
}

/** The document as the API answers it. Its commands are those of the comments, joined so that a failed one stops the rest. */
export function documentScript(facts: PrepFacts, parts: DocumentParts): PrepScript {
  return {
    system: parts.system,
    filename: parts.filename.text,
    mediaType: 'text/plain; charset=us-ascii',
    text: printConfig(documentNodes(facts, parts)),
    changes: parts.changes,
    note: 'This document follows the documentation and was not run by us. Its comments say what it cannot do. Check after applying, and again after the next reboot.',
    commands: { apply: chain(parts.apply), check: chain(parts.check), undo: chain(parts.undo) },
  }
}

/** The Linux script, whose check looks at what a document did. */
export function linuxCheck({ key }: PrepFacts): ConfigLine[] {
  return [line`sudo sh tangent-backend-${key}.sh --check`]
}

/** What the check of the Linux script cannot know. */
export const checkNote = comment`- The check is the Linux script for this backend, from where this file came. What it notes about the next boot is of its own files only.`

function documentNodes(facts: PrepFacts, parts: DocumentParts): ConfigNode[] {
  return [
    parts.title,
    comment`  backend ${facts.name}, address ${facts.rip.text}`,
    ...facts.farms,
    comment`It follows the documentation and was not run by us: check it after applying, and again after the next reboot.`,
    comment``,
    comment`Apply, in this order:`,
    ...parts.apply.map(command),
    comment`Check, which looks only:`,
    ...parts.check.map(command),
    comment`Take back, in this order:`,
    ...parts.undo.map(command),
    comment`What to know:`,
    ...parts.notes,
    blank,
    ...parts.content,
  ]
}

function command({ text }: ConfigLine): Comment {
  return comment`  ${text}`
}

function chain(commands: ConfigLine[]): string {
  return commands.map(({ text }) => text).join(' && ')
}
