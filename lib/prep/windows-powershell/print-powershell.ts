import { assertPlain } from '../node.ts'
import type { ScriptNode } from '../node.ts'

/** Prints nodes as PowerShell (5.1 and 7). Comments are line comments: a block comment could be closed from inside. */
export function printPowershell(nodes: readonly ScriptNode[]): string {
  return assertPlain(nodes.map(printNode).join('\n').trimEnd() + '\n')
}

function printNode(node: ScriptNode): string {
  switch (node.kind) {
    case 'comment':
      return `# ${node.text}`
    case 'blank':
      return ''
    case 'scalar':
      return `$${node.name} = '${node.value}'`
    case 'list':
      return `$${node.name} = @(${node.values.map((value) => `'${value}'`).join(', ')})`
    case 'block':
      return node.text
  }
}
