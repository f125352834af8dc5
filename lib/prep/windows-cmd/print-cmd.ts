import { assertPlain } from '../node.ts'
import type { ScriptNode } from '../node.ts'

/** Prints nodes as a batch file. cmd needs CRLF line ends; everything else is printable ASCII. */
export function printCmd(nodes: readonly ScriptNode[]): string {
  const text = assertPlain(['@echo off', ...nodes.map(printNode)].join('\n').trimEnd() + '\n')
  return text.replace(/\n/g, '\r\n')
}

function printNode(node: ScriptNode): string {
  switch (node.kind) {
    case 'comment':
      return `rem ${node.text}`
    case 'blank':
      return ''
    case 'scalar':
      return `set "${node.name}=${node.value}"`
    case 'list':
      return `set "${node.name}=${node.values.join(' ')}"`
    case 'block':
      return node.text
  }
}
