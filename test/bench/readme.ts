import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { root } from '#scripts/setup/project.mjs'

const path = join(root, 'test/bench/README.md')

const head = `# The bench

What a packet, a change and a probe cost, as ratios to the least that could do the same: times differ from machine to machine, ratios hardly.
\`npm run bench\` measures everything in less than half an hour, \`npm run bench -- packets changes\` some parts of it, and \`--save\` writes this file.
`

/** Puts sections into README.md, in the order of `titles`; the others stay as they are. */
export function saveSections(sections: ReadonlyMap<string, string>, titles: readonly string[]): void {
  const kept = new Map(readFileSync(path, 'utf8').split(/^## /m).slice(1).map((text) => [text.slice(0, text.indexOf('\n')), text.slice(text.indexOf('\n')).trim()]))
  const all = new Map([...kept, ...[...sections].map(([title, text]) => [title, `${text}\n\n${machine()}`] as const)])
  writeFileSync(path, [head, ...titles.flatMap((title) => (all.has(title) ? [`## ${title}\n\n${all.get(title)}\n`] : []))].join('\n'))
}

function machine(): string {
  return `Machine: ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GB, kernel ${release()}, Node ${process.version}, nftlb 1.0.7, nft 1.0.6, network namespaces.`
}
