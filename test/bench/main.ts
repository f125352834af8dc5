import { cpus, release, totalmem } from 'node:os'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '#scripts/setup/project.mjs'
import { startAppliance, type Appliance } from '../lab/appliance.ts'
import { labPrefix } from '../lab/lab.ts'
import { createTopology } from '../lab/topology.ts'
import { startBareEngine, type BareEngine } from './bare-engine.ts'
import { compareChanges, load, type Comparison } from './change.ts'
import { descendant, memoryOf } from './memory.ts'
import { printed } from './statistics.ts'

/** Runs the comparison with 1 and with 200 farms and writes the table of test/bench/README.md. */
const names = ['b1', 'b2', 'b3']
const ours = await createTopology({ prefix: labPrefix(), backends: names })
const theirs = await createTopology({ prefix: labPrefix(), backends: names })
let appliance: Appliance | null = null
let bare: BareEngine | null = null
try {
  appliance = await startAppliance(ours)
  bare = await startBareEngine(theirs.lb.namespace)
  const rows: string[] = []
  const memory = [memoryRow('idle', appliance, bare)]
  let loaded = 0
  for (const farms of [1, 200]) {
    await load(appliance, bare, loaded, farms)
    loaded = farms
    rows.push(...(await compareChanges(appliance, bare)).map((one) => row(farms, one)))
    if (farms > 1) memory.push(memoryRow(`${farms} farms`, appliance, bare))
  }
  const report = table(rows, memory)
  process.stdout.write(`${report}\n`)
  if (process.argv.includes('--save')) writeFileSync(join(root, 'test/bench/README.md'), report)
} finally {
  await bare?.stop()
  await appliance?.stop()
  await ours.remove()
  await theirs.remove()
}

function row(farms: number, { what, ours: mine, bare: other }: Comparison): string {
  return `| ${what} | ${farms} | ${printed(mine)} | ${printed(other)} | **${(mine.median / other.median).toFixed(1)}** |`
}

function memoryRow(when: string, running: Appliance, engine: BareEngine): string {
  const agent = running.agent().pid
  const parts = [descendant(running.console().pid, /next-server|server\.js/), descendant(agent, /agent\.mjs/), descendant(agent, /^nftlb/), engine.pid]
  return `| ${when} | ${parts.map((pid) => (pid === null ? 'not started' : memoryOf(pid).toFixed(0))).join(' | ')} |`
}

function table(rows: string[], memory: string[]): string {
  return `# What a change costs

From the request to the console's API until its reply says that the kernel has the change, read back, against a bare request for the same
change to nftlb alone, in turns in one run. Milliseconds: median (quartiles) of 21 rounds. Ours holds sign-in, checks, the database on disk, the agent's
document on disk, addresses, and the look at the kernel afterwards.

| change | farms present | Tangent | bare nftlb | ratio |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

Memory (proportional set size, MB):

| | console | agent | its nftlb | bare nftlb |
| --- | --- | --- | --- | --- |
${memory.join('\n')}

Machine: ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GB, kernel ${release()}, Node ${process.version}, nftlb 1.0.7, nft 1.0.6, network namespaces.
Made by \`npm run bench -- --save\`.
`
}
