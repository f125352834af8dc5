import { startAppliance, type Appliance } from '../../lab/appliance.ts'
import { labPrefix } from '../../lab/lab.ts'
import { createTopology } from '../../lab/topology.ts'
import type { Part } from '../part.ts'
import { descendant, memoryOf } from '../memory.ts'
import { printed } from '../statistics.ts'
import { startBareEngine, type BareEngine } from './bare-engine.ts'
import { compareChanges, load, type Comparison } from './change.ts'

const names = ['b1', 'b2', 'b3']

export const nftlbPart: Part = { title: 'What a change of a farm of nftlb costs', run: compareWithNftlb }

/** Compares with 1 and with 200 farms. */
async function compareWithNftlb(): Promise<string> {
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
    return section(rows, memory)
  } finally {
    await bare?.stop()
    await appliance?.stop()
    await ours.remove()
    await theirs.remove()
  }
}

function row(farms: number, { what, ours: mine, bare: other }: Comparison): string {
  return `| ${what} | ${farms} | ${printed(mine)} | ${printed(other)} | **${(mine.median / other.median).toFixed(1)}** |`
}

function memoryRow(when: string, running: Appliance, engine: BareEngine): string {
  const agent = running.agent().pid
  const parts = [descendant(running.console().pid, /next-server|server\.js/), descendant(agent, /agent\.mjs/), descendant(agent, /^nftlb/), engine.pid]
  return `| ${when} | ${parts.map((pid) => (pid === null ? 'not started' : memoryOf(pid).toFixed(0))).join(' | ')} |`
}

function section(rows: string[], memory: string[]): string {
  return `From the request to the console's API until its reply says that the kernel has the change, read back, against a bare request for the same
change to nftlb alone, in turns in one run. Milliseconds: median (quartiles) of 21 rounds. Ours holds sign-in, checks, the database on disk, the agent's
document on disk, addresses, and the look at the kernel afterwards. The farms have scheduler symhash and three backends.

| change | farms present | Tangent | bare nftlb | ratio |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

Memory (proportional set size, MB):

| | console | agent | its nftlb | bare nftlb |
| --- | --- | --- | --- | --- |
${memory.join('\n')}`
}
