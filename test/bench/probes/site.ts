import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { spawn, type ChildProcess } from 'node:child_process'
import { farmSchema, type Farm } from '#lib/domain/farm.ts'
import { root } from '#scripts/setup/project.mjs'
import { inside } from '../../lab/command.ts'
import { createLab, type Lab } from '../../lab/lab.ts'
import { addressV4, backendHost, lan } from '../../lab/topology.ts'
import { until } from '../../lab/until.ts'
import { startAgent, type BareAgent } from '../agent.ts'
import { descendant } from '../memory.ts'

/** A thousand backends: so many farms, each with so many of them. */
export const [farms, backendsEach] = [100, 10]
export const backends = farms * backendsEach

export type Kind = 'tcp' | 'http'

const names = Array.from({ length: backendsEach }, (_, index) => `web${index + 1}`)
const addresses = names.map((_, index) => addressV4(lan, backendHost(index)))
const vips = Array.from({ length: farms }, (_, index) => addressV4(lan, 100 + index))

export type ProbeBench = {
  agent: BareAgent
  /** Monitors of all farms, once a second, or none; comes back when every backend is healthy. */
  monitor: (kind: Kind | null) => Promise<void>
  /** The processes: the agent, and the workers that ask own addresses and VIPs. */
  pids: () => { agent: number; rip: number; vip: number }
  /** Probes that the agent says could not begin in time, since it began. */
  missed: () => number
  /** Connections that the kernel remembers in the namespace of the probes. */
  connections: () => Promise<number>
  /** Starts a loop that opens this many connections a second, and answers how to count and to end it. */
  bare: (kind: Kind, perSecond: number) => { pid: number; ended: () => number; stop: () => void }
  remove: () => Promise<void>
}

export async function openProbeBench(): Promise<ProbeBench> {
  const lab: Lab = await createLab({ backends: names, ports: [80] })
  const { topology } = lab
  let agent: BareAgent | null = null
  const loops: ChildProcess[] = []
  const remove = async (): Promise<void> => {
    loops.forEach((loop) => loop.kill())
    await agent?.stop()
    await lab.remove()
  }
  try {
    for (const machine of topology.backends) {
      await topology.run(machine, ['sh', '-c', 'echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore; echo 2 >/proc/sys/net/ipv4/conf/all/arp_announce; for vip; do ip addr add "$vip/32" dev lo; done', 'sh', ...vips])
    }
    const folder = join(topology.folder, 'bench')
    agent = await startAgent(topology.lb, folder)
    const begun = agent
    let generation = 0
    const pidOf = (name: RegExp): number => {
      const pid = descendant(begun.pid, name)
      if (pid === null) throw new Error(`No process ${name.source} runs.`)
      return pid
    }
    return {
      agent,
      monitor: async (kind) => {
        generation += 1
        await begun.socket.put({ generation, farms: vips.map((vip, index) => farmOf(index, vip, kind)) })
        await until('every backend is what it should be', async () => {
          const observed = (await begun.socket.status()).farms.flatMap((farm) => farm.backends)
          return observed.length === backends && observed.every(({ active, health }) => active && (kind === null || health?.state === 'healthy'))
        }, 120_000, 500)
      },
      pids: () => ({ agent: begun.pid, rip: pidOf(/prober\.mjs here/), vip: pidOf(/prober\.mjs own-namespace/) }),
      missed: () => [...readFileSync(join(folder, 'agent.log'), 'utf8').matchAll(/"missed":(\d+)/g)].reduce((sum, match) => sum + Number(match[1]), 0),
      connections: async () => Number(await topology.run(topology.lb, ['nsenter', `--net=/proc/${pidOf(/prober\.mjs own-namespace/)}/ns/net`, 'cat', '/proc/sys/net/netfilter/nf_conntrack_count'])),
      bare: (kind, perSecond) => {
        const [program = '', ...args] = inside(topology.lb.namespace, [process.execPath, join(root, 'test/bench/probes/bare-loop.mjs'), String(perSecond), kind, ...addresses])
        const loop = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
        loops.push(loop)
        let ended = 0
        createInterface({ input: loop.stdout }).on('line', (line) => (ended = Number(line)))
        return { pid: loop.pid ?? 0, ended: () => ended, stop: () => loop.kill() }
      },
      remove,
    }
  } catch (error) {
    await remove()
    throw error
  }
}

function farmOf(index: number, vip: string, kind: Kind | null): Farm {
  return farmSchema.parse({
    name: `farm-${index}`,
    vip,
    ports: ['80'],
    scheduler: 'maglev',
    monitor: kind && { type: kind, interval: 1, timeout: 1 },
    backends: names.map((name, backend) => ({ name, address: addresses[backend] })),
  })
}
