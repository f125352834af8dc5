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
      return printList(node.name, node.values)
    case 'block':
      return node.text
  }
}

/**
 * A list is a subroutine that calls another one for each value, until one fails: a line of cmd has 8191 characters at most, and a
 * variable is a part of a line. The values are quoted, because a comma ends an argument.
 */
function printList(name: string, values: readonly string[]): string {
  return [`:${name}`, ...values.flatMap((value) => [`call %1 "${value}"`, 'if errorlevel 1 exit /b 1']), 'exit /b 0'].join('\n')
}
