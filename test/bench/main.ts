import { removeNamespaces } from '#scripts/run/namespaces.mjs'
import { changesPart } from './changes/part.ts'
import { nftlbPart } from './nftlb/part.ts'
import { packetsPart } from './packets/part.ts'
import { probesPart } from './probes/part.ts'
import type { Part } from './part.ts'
import { saveSections } from './readme.ts'

/** Runs the named parts, or all of them, and with `--save` writes their sections of README.md. */
const parts: Record<string, Part> = { packets: packetsPart, changes: changesPart, nftlb: nftlbPart, probes: probesPart }
const words = process.argv.slice(2)
const names = words.filter((word) => word !== '--save')
const unknown = names.filter((name) => !(name in parts))
if (unknown.length > 0) throw new Error(`There is no part ${unknown.join(', ')}; the parts are ${Object.keys(parts).join(', ')}.`)

/** The namespaces and the programs in them would outlive an interrupted bench. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    removeNamespaces(`${process.env.TANGENT_LAB_PREFIX ?? 'tg'}${process.pid}x`)
    process.exit(1)
  })
}

const sections = new Map<string, string>()
for (const [name, { title, run }] of Object.entries(parts)) {
  if (names.length > 0 && !names.includes(name)) continue
  const text = await run()
  process.stdout.write(`## ${title}\n\n${text}\n\n`)
  sections.set(title, text)
}
if (words.includes('--save')) saveSections(sections, Object.values(parts).map(({ title }) => title))
