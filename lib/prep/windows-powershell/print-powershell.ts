import type { Findings } from '../finding.ts'
import { verdicts } from '../finding.ts'
import { assertPlain } from '../node.ts'
import type { ScriptNode } from '../node.ts'

/** What a script in PowerShell is made of: the nodes of every language, and the sentences of its check. */
export type PowershellNode = ScriptNode | { kind: 'sentences'; findings: Findings }

/** Prints nodes as PowerShell (5.1 and 7). Comments are line comments: a block comment could be closed from inside. */
export function printPowershell(nodes: readonly PowershellNode[]): string {
  return assertPlain(nodes.map(printNode).join('\n').trimEnd() + '\n')
}

function printNode(node: PowershellNode): string {
  switch (node.kind) {
    case 'comment':
      return `# ${node.text}`
    case 'blank':
      return ''
    case 'scalar':
      return `$${node.name} = ${quoted(node.value)}`
    case 'list':
      return printList(`$${node.name}`, node.values)
    case 'block':
      return node.text
    case 'sentences':
      return printSentences(node.findings)
  }
}

/** One value a line, so that no line grows with the number of farms. */
function printList(name: string, values: readonly string[]): string {
  if (values.length === 0) return `${name} = @()`
  return [`${name} = @(`, ...values.map((value, index) => `    ${quoted(value)}${index < values.length - 1 ? ',' : ''}`), ')'].join('\n')
}

/** `Get-Sentence 'CODE VERDICT' $Item` gives a finding in words, `Get-Sentence 'CODE fix' $Item` what to do. */
function printSentences(findings: Findings): string {
  const said = Object.entries(findings).flatMap(([code, finding]) =>
    [...verdicts, 'fix' as const].flatMap((kind) => (finding[kind] ? [`    ${quoted(`${code} ${kind}`)} = ${quoted(sentence(finding[kind]))}`] : [])),
  )
  return [
    '$Sentences = @{',
    ...said,
    '}',
    '',
    'function Get-Sentence([string]$Name, $Item) {',
    "    if ($Sentences.ContainsKey($Name)) { $Sentences[$Name].Replace('{subject}', $Item.Subject).Replace('{found}', $Item.Found) }",
    '}',
  ].join('\n')
}

/** The script fills in these two alone. */
function sentence(text: string): string {
  if (/\{(?!(subject|found)\})/.test(text)) throw new Error('A sentence of a check has a placeholder that the script does not know.')
  return text
}

/** Between single quotes PowerShell reads nothing but the quote itself. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
