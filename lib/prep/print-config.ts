import { assertPlain } from './node.ts'
import type { ConfigNode } from './node.ts'

/** Prints nodes as a configuration file of a format whose comments begin with `#`: YAML, ini, rc.conf. */
export function printConfig(nodes: readonly ConfigNode[]): string {
  return assertPlain(nodes.map(printNode).join('\n').trimEnd() + '\n')
}

function printNode(node: ConfigNode): string {
  switch (node.kind) {
    case 'comment':
      return `# ${node.text}`.trimEnd()
    case 'blank':
      return ''
    case 'line':
    case 'block':
      return node.text
    case 'embedded':
      return indented(node.script.text, node.indent)
  }
}

/** As the content of a YAML block scalar: no space in front of an empty line. */
function indented(text: string, indent: number): string {
  return text.trimEnd().replace(/^(?=.)/gm, ' '.repeat(indent))
}
