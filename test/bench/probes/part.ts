import { setTimeout as wait } from 'node:timers/promises'
import { memoryOf } from '../memory.ts'
import type { Part } from '../part.ts'
import { cpuOf, waitedOf } from '../processor.ts'
import { summarize, type Summary } from '../statistics.ts'
import { backends, backendsEach, farms, openProbeBench, type Kind, type ProbeBench } from './site.ts'

export const probesPart: Part = { title: 'What a probe costs', run: compareProbes }

const [rounds, roundMs] = [5, 10_000]
const kinds = ['tcp', 'http'] as const
const parts = ['bare loop', 'own addresses', 'VIPs', 'agent'] as const

/** Microseconds of processor time per probe, in each round; and what was there at the end. */
type Measured = { kind: Kind; cost: Record<(typeof parts)[number], number[]>; all: number[]; waited: number; missed: number; probes: number; connections: number; memory: Record<'agent' | 'rip' | 'vip', number> }

async function compareProbes(): Promise<string> {
  const bench = await openProbeBench()
  try {
    await bench.monitor(null)
    const agentAlone = memoryOf(bench.agent.pid)
    const idle = await idleShare(bench)
    const measured: Measured[] = []
    for (const kind of kinds) measured.push(await measure(bench, kind, idle))
    return section(measured, agentAlone, idle)
  } finally {
    await bench.remove()
  }
}

/** Share of one processor that the agent and its programs need for as many farms without monitors. */
async function idleShare({ agent }: ProbeBench): Promise<number> {
  const before = cpuOf(agent.pid)
  await wait(2 * roundMs)
  const after = cpuOf(agent.pid)
  return (after.self + after.programs - before.self - before.programs) / (2 * roundMs)
}

async function measure(bench: ProbeBench, kind: Kind, idle: number): Promise<Measured> {
  await bench.monitor(kind)
  const loop = bench.bare(kind, backends)
  await wait(roundMs)
  const pids = bench.pids()
  const cost: Measured['cost'] = { 'bare loop': [], 'own addresses': [], VIPs: [], agent: [] }
  const all: number[] = []
  const missedBefore = bench.missed()
  const workersWaited = (): number => Math.max(waitedOf(pids.rip), waitedOf(pids.vip))
  const waitedBefore = workersWaited()
  let connections = 0
  for (let round = 0; round < rounds; round++) {
    const before = { loop: cpuOf(loop.pid), agent: cpuOf(pids.agent), rip: cpuOf(pids.rip), vip: cpuOf(pids.vip), ended: loop.ended(), at: performance.now() }
    await wait(roundMs)
    const ms = performance.now() - before.at
    const used = (pid: number, then: { self: number; programs: number }): number => cpuOf(pid).self + cpuOf(pid).programs - then.self - then.programs
    const probes = (backends * ms) / 1000
    cost['bare loop'].push((used(loop.pid, before.loop) * 1000) / (loop.ended() - before.ended))
    const rip = used(pids.rip, before.rip)
    const vip = used(pids.vip, before.vip)
    const agent = used(pids.agent, before.agent) - idle * ms
    cost['own addresses'].push((rip * 1000) / probes)
    cost.VIPs.push((vip * 1000) / probes)
    cost.agent.push((agent * 1000) / (2 * probes))
    all.push((rip + vip + agent) / ms)
    connections = Math.max(connections, await bench.connections())
  }
  loop.stop()
  return { kind, cost, all, waited: (workersWaited() - waitedBefore) / (rounds * roundMs), missed: bench.missed() - missedBefore, probes: (2 * backends * rounds * roundMs) / 1000, connections, memory: { agent: memoryOf(pids.agent), rip: memoryOf(pids.rip), vip: memoryOf(pids.vip) } }
}

const us = ({ median, low, high }: Summary): string => `${median.toFixed(0)} (${low.toFixed(0)}–${high.toFixed(0)})`

function rows({ kind, cost }: Measured): string[] {
  return parts.map((part) => {
    const ratios = summarize(cost[part].map((one, round) => one / (cost['bare loop'][round] ?? Number.NaN)))
    const ratio = part === 'bare loop' ? '1' : `**${ratios.median.toFixed(2)}** (${ratios.low.toFixed(2)}–${ratios.high.toFixed(2)})`
    return `| ${kind} | ${part} | ${us(summarize(cost[part]))} | ${ratio} |`
  })
}

function section(measured: readonly Measured[], agentAlone: number, idle: number): string {
  return `${backends} backends (${farms} farms with ${backendsEach} each) are asked once a second at their own address and through the VIP: ${2 * backends} probes a second. Beside them a bare
loop of Node opens ${backends} connections a second from the appliance to the same backends and ends them in the same way. Processor time per probe in microseconds,
median (quartiles) of ${rounds} rounds of ten seconds, and its ratio to the bare loop in the same round. The agent's share, which makes verdicts of what the workers
find, is counted on top of what it needs for these farms without monitors.

| probe | who | µs per probe | ratio |
| --- | --- | --- | --- |
${measured.flatMap(rows).join('\n')}

All together, for ${2 * backends} probes a second. On a machine with other work a worker waits for a processor, and then a probe may begin late, by more than a tenth of its interval. Memory in MB (proportional set size; the agent alone without monitors: ${agentAlone.toFixed(0)} MB, and ${(idle * 100).toFixed(1)} % of a processor):

| probe | share of one processor | worker waited for one | began late or not at all | most connections remembered | agent | worker for own addresses | worker for VIPs |
| --- | --- | --- | --- | --- | --- | --- | --- |
${measured.map(({ kind, all, waited, missed, probes, connections, memory }) => `| ${kind} | ${(summarize(all).median * 100).toFixed(1)} % | ${(waited * 100).toFixed(1)} % of the time | ${missed} of ${probes} | ${connections} | ${memory.agent.toFixed(0)} | ${memory.rip.toFixed(0)} | ${memory.vip.toFixed(0)} |`).join('\n')}`
}
