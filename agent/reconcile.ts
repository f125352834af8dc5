import { needsMac, type Farm } from '#lib/domain/farm.ts'
import { byGravity, fault, type Fault } from '#lib/domain/fault.ts'
import { interfaceOf, type Interface } from '#lib/domain/interface.ts'
import type { Plan } from '#lib/domain/plan.ts'
import type { FarmObservation, Handover } from '#lib/domain/status.ts'
import { nftlbBackendName, nftlbFarmName, type NftlbFarm } from '#lib/render/nftlb.ts'
import type { Engine } from './engine/engine.ts'
import { allowForwarding } from './forwarding.ts'
import type { Health } from './health/health.ts'
import { askedOf } from './health/targets.ts'
import type { Log } from './log.ts'
import type { Neighbours, Watched } from './neighbours.ts'
import { resolve, type Resolved } from './resolve.ts'
import type { Vip, Vips } from './vips.ts'
import type { Placed } from './links.ts'

/** What a pass works on. `interfaces` are without the agent's own VIPs. */
export type Machine = { interfaces: readonly Interface[]; placed: readonly Placed[] }

/** `place` notes addresses that were just added, until the kernel's own event comes. */
export type Parts = { engine: Engine; neighbours: Neighbours; health: Health; vips: Vips; machine: () => Machine; place: (added: readonly Placed[]) => void; log: Log }

/** How long a new backend may take to answer before its farm is applied without it, in ms. */
const settleMs = 300

/** How long a repaired drift stays visible, in ms. */
const driftShownMs = 300_000

/** The farms as they were last resolved, and the four functions of a pass: observe, plan, apply, verify. */
export type Reconciler = {
  /** Brings these farms, in their wanted form, into the kernel. Throws when that did not succeed. */
  pass: (names: readonly string[], wanted: ReadonlyMap<string, Farm>) => Promise<void>
  /** Compares everything with the kernel and puts it right; what differed becomes a fault. */
  check: (wanted: ReadonlyMap<string, Farm>) => Promise<void>
  /** Starts or restarts the engine with everything that is wanted. */
  revive: (wanted: ReadonlyMap<string, Farm>, how: 'start' | 'repair') => Promise<void>
  /** The steps that a pass over these farms would take; nothing is changed. */
  plan: (names: readonly string[], wanted: ReadonlyMap<string, Farm>) => Plan
  observations: (names: readonly string[] | null) => Array<Omit<FarmObservation, 'applied'>>
  /** True for a farm that the engine could not take; the others are not affected. */
  isRejected: (name: string) => boolean
  faults: () => Fault[]
  ruleset: (name: string) => Promise<string>
  /** Where the rules of a farm in the kernel send to (see Engine). */
  targets: (name: string) => Promise<ReadonlySet<string>>
}

/** Joins what is wanted with the machine. Only one call of `pass`, `check` and `revive` may run at a time. */
export function reconciler(parts: Parts): Reconciler {
  const { engine, neighbours, health, vips, machine, log } = parts
  const resolved = new Map<string, Resolved>()
  /** The active backends of each farm, as the last pass that ended left them. */
  const active = new Map<string, ReadonlySet<string>>()
  let forwarding: Fault[] = []
  let drift: { fault: Fault; until: number } | null = null

  const lookup = (address: string, iface: string): { mac: string | null; lost: boolean } => neighbours.macOf({ address, interface: iface })

  function observe(names: readonly string[], wanted: ReadonlyMap<string, Farm>): Map<string, Resolved | null> {
    return new Map(names.map((name) => [name, resolveOne(wanted.get(name))]))
  }

  function resolveOne(farm: Farm | undefined): Resolved | null {
    return farm ? resolve(farm, machine().interfaces, lookup, health.fallen(farm.name), health.parts(farm.name)) : null
  }

  /** Watches what the farms need, gives new backends a moment to answer, and asks for their health where they are then. */
  async function meet(names: readonly string[], wanted: ReadonlyMap<string, Farm>): Promise<void> {
    const asked: Watched[] = []
    for (const name of names) {
      const list = watchList(wanted.get(name), machine().interfaces)
      neighbours.watch(name, list)
      asked.push(...list)
    }
    await neighbours.settle(asked, settleMs)
    for (const name of names) {
      const farm = wanted.get(name)
      health.follow(name, farm ? askedOf(farm, machine().interfaces, (address, iface) => lookup(address, iface).mac) : [], farm?.slowStart ?? 0)
    }
  }

  function steps(names: readonly string[], next: ReadonlyMap<string, Resolved | null>): ReturnType<Engine['plan']> {
    const current = names.flatMap((name) => engine.held(nftlbFarmName(name)) ?? [])
    return engine.plan(current, [...next.values()].flatMap((one) => one?.json ?? []))
  }

  function store(next: ReadonlyMap<string, Resolved | null>): void {
    for (const [name, one] of next) {
      if (one) resolved.set(name, one)
      else resolved.delete(name)
    }
  }

  function ended(names: readonly string[]): void {
    for (const name of names) {
      const one = resolved.get(name)
      if (one) active.set(name, new Set(one.observation.backends.flatMap((backend) => (backend.active ? [backend.name] : []))))
      else active.delete(name)
    }
  }

  const everything = (): NftlbFarm[] => [...resolved.values()].flatMap((one) => one.json ?? [])
  const everyVip = (): Vip[] => [...resolved.values()].flatMap((one) => one.vips)

  async function forward(farms: readonly NftlbFarm[]): Promise<void> {
    forwarding = await allowForwarding(farms)
  }

  async function addVips(list: ReadonlyArray<Resolved | null>): Promise<void> {
    parts.place(await vips.add(list.flatMap((one) => one?.vips ?? []), machine().placed))
  }

  async function pass(names: readonly string[], wanted: ReadonlyMap<string, Farm>): Promise<void> {
    const clock = stopwatch()
    await meet(names, wanted)
    clock.lap('meet')
    const next = observe(names, wanted)
    await addVips([...next.values()])
    clock.lap('vips')
    const freed = names.some((name) => resolved.get(name)?.vips.some((vip) => !next.get(name)?.vips.some((one) => one.address === vip.address && one.interface === vip.interface)))
    const todo = steps(names, next)
    store(next)
    if (freed) await vips.removeMoved(everyVip())
    if (todo.length > 0) await forward(everything())
    try {
      for (const step of todo) await engine.apply(step)
      clock.lap('apply')
      const touched = names.map(nftlbFarmName)
      const mismatches = todo.length > 0 ? await engine.verify(touched) : []
      if (mismatches.length > 0) throw new Error(mismatches.map(({ detail }) => detail).join('; '))
    } catch (error) {
      log.warn({ error: String(error), farms: names.slice(0, 20) }, 'the engine is put right')
      await engine.repair(everything())
    } finally {
      ended(names)
    }
    clock.lap('verify')
    if (freed) await vips.removeOthers(everyVip())
    log.debug({ steps: todo.length, ms: clock.laps }, 'a pass')
  }

  async function check(wanted: ReadonlyMap<string, Farm>): Promise<void> {
    const refused = vips.refused()
    const lost = everyVip().filter((vip) => !refused.some((one) => one.address === vip.address && one.interface === vip.interface) && !machine().placed.some((one) => one.address === vip.address && one.interface === vip.interface))
    await addVips([...resolved.values()])
    await vips.retry(machine().placed)
    await forward(everything())
    const mismatches = await engine.verify('all')
    const words = [...mismatches.map(({ detail }) => detail), ...lost.map((vip) => `${vip.address} was gone from ${vip.interface}`)]
    if (words.length > 0) {
      drift = { fault: fault('drift', `${words.slice(0, 3).join('; ')}${words.length > 3 ? ` and ${words.length - 3} more` : ''}.`), until: performance.now() + driftShownMs }
      log.warn({ drift: words }, 'the kernel differed and is put right')
    }
    if (mismatches.length > 0) await revive(wanted, 'repair')
  }

  async function revive(wanted: ReadonlyMap<string, Farm>, how: 'start' | 'repair'): Promise<void> {
    const names = [...new Set([...wanted.keys(), ...resolved.keys()])]
    await meet(names, wanted)
    const next = observe(names, wanted)
    await addVips([...next.values()])
    store(next)
    await vips.removeMoved(everyVip())
    await forward(everything())
    await (how === 'start' ? engine.start(everything()) : engine.repair(everything())).finally(() => ended(names))
    await vips.removeOthers(everyVip())
  }

  return {
    pass,
    check,
    revive,
    plan: (names, wanted) => ({ steps: steps(names, observe(names, wanted)).map(({ action, farm, text, impact }) => ({ action, farm, text, impact })) }),
    observations: (names) => {
      const some = names ? names.flatMap((name) => resolved.get(name) ?? []) : [...resolved.values()]
      return some.map(({ observation: { backends, ...farm } }) => {
        const known = health.of(farm.name)
        return { ...farm, engine: engine.holder(nftlbFarmName(farm.name)), handover: handoverOf(farm.name), backends: backends.map((backend) => ({ ...backend, active: active.get(farm.name)?.has(backend.name) ?? false, health: known.get(backend.name) ?? null })) }
      })
    },
    faults: () => {
      if (drift && performance.now() > drift.until) drift = null
      const own = new Set(machine().interfaces.map(({ mac }) => mac))
      const contested = [...vips.conflicts()].filter(([, mac]) => !own.has(mac)).map(([address, mac]) => fault('vip-in-use', `${mac} answers for ${address}.`, farmOf(address)))
      const duplicate = machine().placed.filter((one) => one.duplicate && vips.isOurs(one)).map((one) => fault('vip-in-use', `Another machine answered for ${one.address} on ${one.interface}, so the kernel does not use it.`, farmOf(one.address)))
      const refused = vips.refused().map((vip) => fault('vip-refused', `${vip.address} on ${vip.interface}: ${vip.reason}`, farmOf(vip.address)))
      const unfit = [...resolved.keys()].flatMap((name) => {
        const reason = engine.rejected().get(nftlbFarmName(name))
        return reason === undefined ? [] : [fault('apply-failed', `The engine cannot take this farm: ${reason}.`, { farm: name })]
      })
      return [...engine.state().faults, ...health.faults().filter((one) => !isSilent(one)), ...unfit, ...forwarding, ...(drift ? [drift.fault] : []), ...contested, ...duplicate, ...refused, ...[...resolved.values()].flatMap((one) => one.faults)].sort(byGravity)
    },
    isRejected: (name) => engine.rejected().has(nftlbFarmName(name)),
    ruleset: async (name) => {
      const json = resolved.get(name)?.json
      return json ? engine.ruleset(json) : ''
    },
    targets: async (name) => {
      const json = resolved.get(name)?.json
      return json ? engine.targets(json) : new Set()
    },
  }

  /** True for what is said already: a backend that is not there fails its health check as well. */
  function isSilent({ code, farm, backend }: Fault): boolean {
    return code === 'backend-unhealthy' && resolved.get(farm ?? '')?.faults.some((one) => one.code === 'backend-mac-unknown' && one.backend === backend) === true
  }

  /** The handover of a farm, with the backends under their own names. */
  function handoverOf(name: string): Handover | null {
    const found = engine.handover(nftlbFarmName(name))
    const nameOf = (backend: string | null): string | null => wantedNames(name).find((one) => nftlbBackendName(one) === backend) ?? null
    return found && { ...found, owners: found.owners.map((owner) => ({ ...owner, backend: nameOf(owner.backend) })) }
  }

  function wantedNames(name: string): string[] {
    return resolved.get(name)?.observation.backends.map((backend) => backend.name) ?? []
  }

  function farmOf(address: string): { farm?: string } {
    const found = [...resolved].find(([, one]) => one.vips.some((vip) => vip.address === address))?.[0]
    return found ? { farm: found } : {}
  }
}

/** Milliseconds of each phase of a pass, for the log. */
function stopwatch(): { laps: Record<string, number>; lap: (name: string) => void } {
  const laps: Record<string, number> = {}
  let last = performance.now()
  return {
    laps,
    lap: (name) => {
      laps[name] = Math.round((performance.now() - last) * 10) / 10
      last = performance.now()
    },
  }
}

function watchList(farm: Farm | undefined, interfaces: readonly Interface[]): Watched[] {
  const iface = farm && farm.adminState === 'enabled' && needsMac(farm.mode) ? interfaceOf(farm, interfaces) : null
  if (!farm || !iface) return []
  return farm.backends.map((backend) => ({ address: backend.address, interface: iface.name, pin: backend.mac }))
}
