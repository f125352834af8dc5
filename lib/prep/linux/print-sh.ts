import { assertPlain } from '../node.ts'
import type { ScriptNode } from '../node.ts'

/** Prints nodes as POSIX sh. Literals hold nothing that single quotes would not hold. */
export function printSh(nodes: readonly ScriptNode[]): string {
  return assertPlain(['#!/bin/sh', ...nodes.map(printNode)].join('\n').trimEnd() + '\n')
}

function printNode(node: ScriptNode): string {
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
  }
}
