import type { Finding, Findings } from '../finding.ts'
import { verdicts } from '../finding.ts'
import { assertPlain } from '../node.ts'
import type { ScriptNode } from '../node.ts'

/** What a script in sh is made of: the nodes of every language, and the sentences of its check. */
export type ShNode = ScriptNode | { kind: 'sentences'; findings: Findings }

/** Prints nodes as POSIX sh. Literals hold nothing that single quotes would not hold. */
export function printSh(nodes: readonly ShNode[]): ReturnType<typeof assertPlain> {
  return assertPlain(['#!/bin/sh', ...nodes.map(printNode)].join('\n').trimEnd() + '\n')
}

function printNode(node: ShNode): string {
  switch (node.kind) {
    case 'comment':
      return `# ${node.text}`
    case 'blank':
      return ''
    case 'scalar':
      return `${node.name}='${node.value}'`
    case 'list':
      return `${node.name}='${node.values.join(' ')}'`
    case 'block':
      return node.text
    case 'sentences':
      return printSentences(node.findings)
  }
}

/** `sentence CODE VERDICT SUBJECT FOUND` prints a check in words, `remedy CODE SUBJECT FOUND` what to do. */
function printSentences(findings: Findings): string {
  const all = Object.entries(findings)
  const said = (code: string, finding: Finding): string[] =>
    verdicts.flatMap((verdict) => (finding[verdict] ? [`    '${code} ${verdict}') say ${quoted(finding[verdict], '$3', '$4')} ;;`] : []))
  return [
    'sentence() {',
    '  case "$1 $2" in',
    ...all.flatMap(([code, finding]) => said(code, finding)),
    '  esac',
    '}',
    '',
    'remedy() {',
    '  case $1 in',
    ...all.flatMap(([code, { fix }]) => (fix ? [`    ${code}) say ${quoted(fix, '$2', '$3')} ;;`] : [])),
    '  esac',
    '}',
  ].join('\n')
}

/** A sentence between double quotes. It must hold nothing that means something there. */
function quoted(sentence: string, subject: string, found: string): string {
  if (/["$`\\\n]/.test(sentence)) throw new Error('A sentence of a check has a character that sh would read.')
  return `"${sentence.replaceAll('{subject}', subject).replaceAll('{found}', found)}"`
}
