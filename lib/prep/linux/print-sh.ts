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

/** `sentence CODE VERDICT SUBJECT FOUND` prints a check in words, `remedy CODE VERDICT SUBJECT FOUND` what to do. */
function printSentences(findings: Findings): string {
  const all = Object.entries(findings)
  const said = (code: string, finding: Finding): string[] =>
    verdicts.flatMap((verdict) => (finding[verdict] ? [`    '${code} ${verdict}') say ${quoted(finding[verdict])} ;;`] : []))
  return [
    'sentence() {',
    '  part=${3#*/}',
    '  case "$1 $2" in',
    ...all.flatMap(([code, finding]) => said(code, finding)),
    '  esac',
    '}',
    '',
    'remedy() {',
    '  part=${3#*/}',
    '  case "$1 $2" in',
    ...all.flatMap(([code, { look, fix }]) => [...(look ? [`    '${code} warn') say ${quoted(look)} ;;`] : []), ...(fix ? [`    '${code} '*) say ${quoted(fix)} ;;`] : [])]),
    '  esac',
    '}',
  ].join('\n')
}

/** A sentence between double quotes. It must hold nothing that means something there. */
function quoted(sentence: string): string {
  if (/["$`\\\n]/.test(sentence)) throw new Error('A sentence of a check has a character that sh would read.')
  return `"${sentence.replace(/\{(\w+)\}/g, (_, name: string) => placeholders[name] ?? unknownPlaceholder(name))}"`
}

/** A service is `10.9.0.100/tcp/80`; `part` is what comes after its first slash. */
const placeholders: Record<string, string> = { subject: '$3', found: '$4', vip: '${3%%/*}', protocol: '${part%%/*}', ports: '${3##*/}' }

function unknownPlaceholder(name: string): never {
  throw new Error(`A sentence of a check has no placeholder {${name}}.`)
}
