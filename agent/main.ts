import { mkdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { agentProtocol } from '#lib/domain/agent-protocol.ts'
import { parseEnv } from '#lib/domain/env.ts'
import { countChanges } from './changes.ts'
import { openDoctor } from './doctor/doctor.ts'
import { bothEngines } from './engine/engines.ts'
import { onlyNftlb } from './engine/only-nftlb.ts'
import { nativeEngine } from './engine/native/native.ts'
import { nftlbEngine } from './engine/nftlb/nftlb.ts'
import { openHealth } from './health/health.ts'
import { openRemembered } from './health/remembered.ts'
import { cameUp, concernsAll, readLinks, watchNetwork, type Links, type Placed } from './links.ts'
import { openLog } from './log.ts'
import { runLoop, type Loop } from './loop.ts'
import { watchNeighbours } from './neighbours.ts'
import { openPins } from './pins.ts'
import { openProber } from './probe/prober.ts'
import { reconciler } from './reconcile.ts'
import { buildServer, listen, type Service } from './server.ts'
import { sharedFor, statsOf } from './stats.ts'
import { openStore } from './store.ts'
import { openVips } from './vips.ts'

/** The worker that sends probes lies beside the agent's own bundle. */
const proberProgram = join(dirname(fileURLToPath(import.meta.url)), 'prober.mjs')

/** Ends with one sentence instead of a stack: what is wrong and what to do. */
function giveUp(sentence: string): never {
  process.stderr.write(`tangent agent: ${sentence}\n`)
  process.exit(1)
}

async function main(): Promise<void> {
  const env = parseEnv(process.env)
  if (process.getuid?.() !== 0) giveUp('it must run as root, because it changes nftables and addresses. Use "sudo npm run agent".')
  const log = openLog(env.logLevel)
  const stateDir = resolve(env.stateDir)
  const folder = join(stateDir, 'agent')
  await mkdir(stateDir, { recursive: true })
  await mkdir(dirname(resolve(env.socket)), { recursive: true })
  const lock = await onlyOne()
  const store = await openStore(folder)
  const changes = countChanges()
  const startedAt = new Date().toISOString()

  let loop: Loop | null = null
  let links: Links = await readLinks()
  const vips = await openVips(folder, log, changes.bump)
  // Every farm asks in every pass, and each VIP is an address to look at.
  const machine = perInput(() => links, (now) => withoutOurs(now, vips.isOurs))
  const relink = async (): Promise<void> => {
    const before = links
    links = await readLinks()
    vips.announceOn(cameUp(before, links))
    if (loop && concernsAll(before, links, vips.isOurs)) void loop.request(store.wanted.farms.keys())
  }
  const place = (added: readonly Placed[]): void => {
    links = { ...links, placed: [...links.placed, ...added] }
  }
  const neighbours = watchNeighbours(log, await openPins(folder), (farms) => void loop?.request(farms))
  const trouble = (): void => loop?.suspect()
  const nftlb = nftlbEngine(folder, log, trouble)
  const engine = env.engine === 'nftlb' ? onlyNftlb(nftlb) : bothEngines(nativeEngine(folder, log, trouble), nftlb)
  const health = await openHealth({
    open: (result) => openProber({ program: proberProgram, interfaces: () => machine().interfaces, neighbour: neighbours.macOf, result, log }),
    remembered: await openRemembered(folder, log),
    changed: (farm) => void loop?.request([farm]),
    seen: changes.bump,
    log,
  })
  const core = reconciler({ engine, neighbours, health, vips, machine, place, log })
  const doctor = openDoctor({
    farms: () => store.wanted.farms,
    interfaces: () => machine().interfaces,
    observations: core.observations,
    macOf: (address, iface) => neighbours.macOf({ address, interface: iface }).mac,
    targets: core.targets,
    once: health.ask,
    changed: changes.bump,
    log,
  })

  let relinkTimer: NodeJS.Timeout | null = null
  const relinkSoon = (): void => {
    relinkTimer ??= setTimeout(() => {
      relinkTimer = null
      relink().catch((error: unknown) => log.warn({ error: String(error) }, 'reading the interfaces failed'))
    }, 50)
  }
  const unwatch = watchNetwork(log, { links: relinkSoon, neighbour: neighbours.event, resync: () => void Promise.all([neighbours.resync(), relink()]).catch(() => undefined) })

  loop = runLoop(store, core, () => engine.state().running, changes, log)
  const running = loop

  const service: Service = {
    replace: async (desired) => {
      const names = [...(await store.replace(desired))]
      return { names, pass: running.request(names) }
    },
    change: async (change) => {
      const names = await store.change(change)
      return names ? { names: [...names], pass: running.request(names) } : null
    },
    wantedFarms: () => store.wanted.farms,
    plan: core.plan,
    status: (names) => {
      return {
        protocol: agentProtocol,
        version: changes.version(),
        startedAt,
        generation: store.wanted.generation,
        appliedGeneration: running.appliedGeneration(),
        engines: engine.state().engines,
        farms: core.observations(names).map((one) => ({ ...one, applied: running.isApplied(one.name) && !core.isRejected(one.name) })),
        faults: [...running.faults(), ...core.faults(), ...doctor.faults()],
      }
    },
    waitForStatus: changes.wait,
    stats: sharedFor(1000, async () => {
      const at = new Date()
      return statsOf(await engine.counters(), core.observations(null), at)
    }),
    interfaces: () => machine().interfaces,
    ruleset: core.ruleset,
    examine: doctor.examine,
    health: (name) => ({ backends: health.history(name) }),
    events: (agent, after) => ({ agent: startedAt, events: health.events(agent === startedAt ? after : 0) }),
  }
  const app = buildServer(service, log)
  await listen(app, resolve(env.socket), await groupId('tangent'))
  log.info({ socket: env.socket, generation: store.wanted.generation }, 'the agent listens')
  void running.request(store.wanted.farms.keys())

  let ending = false
  const end = async (signal: string): Promise<void> => {
    if (ending) return
    ending = true
    log.info({ signal }, 'the agent ends; the rules stay in the kernel')
    unwatch()
    neighbours.stop()
    await running.stop()
    await doctor.stop()
    await health.stop()
    await engine.stop()
    await app.close()
    lock.close()
    process.exit(0)
  }
  process.on('SIGTERM', () => void end('SIGTERM'))
  process.on('SIGINT', () => void end('SIGINT'))
}

/** The machine as its owner set it up: interfaces without the addresses that the agent added. */
function withoutOurs(links: Links, isOurs: (placed: { address: string; interface: string; prefix: number }) => boolean): Links {
  const interfaces = links.interfaces.map((iface) => ({ ...iface, addresses: iface.addresses.filter((one) => !isOurs({ ...one, interface: iface.name })) }))
  return { interfaces, placed: links.placed }
}

/** Computes again only when the input is another object. */
function perInput<In, Out>(input: () => In, compute: (from: In) => Out): () => Out {
  let last: { from: In; result: Out } | null = null
  return () => {
    const from = input()
    if (last?.from !== from) last = { from, result: compute(from) }
    return last.result
  }
}

/** One agent per network namespace: abstract socket names belong to it and vanish with their process (unix(7)). */
function onlyOne(): Promise<ReturnType<typeof createServer>> {
  return new Promise((resolve) => {
    const lock = createServer()
    lock.on('error', () => giveUp('another agent runs on this machine or in this network namespace. Stop it first.'))
    lock.listen('\0tangent-agent', () => resolve(lock))
  })
}

async function groupId(name: string): Promise<number | null> {
  const text = await readFile('/etc/group', 'utf8').catch(() => '')
  const line = text.split('\n').find((one) => one.startsWith(`${name}:`))
  return line ? Number(line.split(':')[2]) : null
}

main().catch((error: unknown) => giveUp(error instanceof Error ? error.message : String(error)))
