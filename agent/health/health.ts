import { fault, type Fault } from '#lib/domain/fault.ts'
import { judge, lastHealthy, measuredOf, newVerdict, partAfter, returnOf, spreadOf, type BackendHealth, type Fallen, type HealthEvent, type HealthState, type ProbeHistory, type Verdict } from '#lib/domain/health.ts'
import type { Log } from '../log.ts'
import type { Prober, ProbeResult } from '../probe/target.ts'
import { answers, expire, historyOf, newAsking, obstacleOf, reasonOf, stateOf, take, type Asking } from './asking.ts'
import { monotonicTime, wallTime } from './clock.ts'
import type { Failing, Remembered } from './remembered.ts'
import type { Asked } from './targets.ts'

/** An event with its place among all that this agent had. */
export type CountedEvent = HealthEvent & { seq: number }

export type Health = {
  /** Sets what is asked of a farm's backends, and for how many seconds those that come back start slowly; an empty list ends it. */
  follow: (farm: string, asked: readonly Asked[], slowStart: number) => void
  /** The unhealthy backends of a farm. */
  fallen: (farm: string) => ReadonlyMap<string, Fallen>
  /** How much of its share (0 to 1) each backend has that starts slowly. */
  parts: (farm: string) => ReadonlyMap<string, number>
  /** What is known of those backends of a farm that are asked. */
  of: (farm: string) => ReadonlyMap<string, BackendHealth>
  /** What they answered recently, by backend. */
  history: (farm: string) => Array<{ name: string; health: BackendHealth; probes: ProbeHistory[] }>
  /** Events after this number, oldest first, as far as they are remembered. */
  events: (after: number) => CountedEvent[]
  faults: () => Fault[]
  /** Asks once, apart from what is followed. Never rejects. */
  ask: Prober['once']
  stop: () => Promise<void>
}

export type HealthParts = {
  /** Opens the probes, whose results go to the function. */
  open: (result: (result: ProbeResult) => void) => Promise<Prober>
  remembered: Remembered
  /** What `fallen` or `parts` answer of the farm is different. */
  changed: (farm: string) => void
  /** What `of` or `faults` answer is different. */
  seen: () => void
  log: Log
}

/**
 * A backend that is asked. `serving`: it should get new clients; `backAt`: when it came back, until it has its whole share, which
 * `part` is of now; `sparedUntil`: it may answer again like another one that just did, and serves on until then.
 */
type Watched = { farm: string; name: string; serving: boolean; slowStart: number; backAt: number | null; part: number; sparedUntil: number | null; askings: Asking[]; rip: HealthState | null; vip: HealthState | null; verdict: Verdict; since: string; reason: string | null }

const tickMs = 1000
/** A tick that comes later than this was held up with the whole agent, in ms: what nobody could hear meanwhile is not silence. */
const heldUpMs = 5000
const eventsKept = 10_000

/** Makes verdicts of what the probes find. Nobody is unhealthy because nothing is known. */
export async function openHealth({ open, remembered, changed, seen, log }: HealthParts): Promise<Health> {
  const farms = new Map<string, Map<string, Watched>>()
  const byTarget = new Map<string, { watched: Watched; asking: Asking }>()
  const events: CountedEvent[] = []
  let seq = 0
  let trouble: string | null = null
  const prober = await open(hear)
  /** Farms in which a backend fell while nobody else answered. */
  const doubtful = new Set<string>()
  let tickedAt = performance.now()
  const timer = setInterval(tick, tickMs)

  function hear(result: ProbeResult): void {
    const one = byTarget.get(result.id)
    if (!one) return
    take(one.asking, result, performance.now())
    weigh(one.watched)
  }

  /** What was not measured for long becomes unknown, and who was held back may come in. */
  function tick(): void {
    const now = performance.now()
    const late = now - tickedAt - tickMs
    tickedAt = now
    for (const watched of everybody()) {
      for (const asking of watched.askings) {
        if (late > heldUpMs) asking.heardAt += late
        expire(asking, now)
      }
      weigh(watched)
      ramp(watched)
      if (watched.sparedUntil !== null && now >= watched.sparedUntil) stopSparing(watched)
    }
    const state = prober.state()
    if (state.missed > 0) log.warn({ missed: state.missed }, 'probes could not begin in time')
    const hindrance = state.trouble ?? unasked(now)
    if (hindrance !== trouble) seen()
    trouble = hindrance
  }

  /** How many addresses could not be asked lately, and why the first of them could not; null when all could. */
  function unasked(now: number): string | null {
    const obstacles = everybody().flatMap(({ askings }) => askings.flatMap((asking) => obstacleOf(asking, now) ?? []))
    return obstacles[0] === undefined ? null : `${obstacles.length === 1 ? 'One address of a backend' : `${obstacles.length} addresses of backends`} could not be asked lately. ${obstacles[0]}`
  }

  function everybody(): Watched[] {
    return [...farms.values()].flatMap((list) => [...list.values()])
  }

  function weigh(watched: Watched): void {
    const before = { ...watched }
    const { askings } = watched
    const monitor = askings[0]?.target.monitor
    if (!monitor) return
    watched.rip = stateOf(askings, 'rip')
    watched.vip = stateOf(askings, 'vip')
    watched.verdict = judge(before.verdict, measuredOf(monitor, watched.rip, watched.vip), performance.now(), monitor)
    const { state, falls, since, well } = watched.verdict
    if (since !== before.verdict.since) watched.since = new Date().toISOString()
    watched.reason = state !== 'unhealthy' ? null : (reasonOf(askings) ?? `It answers again, after ${falls.length} failures in ten minutes.`)
    if (state !== 'unhealthy' && doubtful.has(watched.farm) && answers(askings)) endDoubt(watched.farm)
    if (isDown(before.verdict) && (state === 'healthy' || well !== null)) spareOthers(watched, before)
    if (state !== before.verdict.state && (state === 'unhealthy' || before.verdict.state === 'unhealthy')) turn(watched, before.verdict.state)
    // One that is held back may be the best that a farm without healthy backends has.
    else if ((well === null) !== (before.verdict.well === null)) changed(watched.farm)
    const moved = watched.rip !== before.rip || watched.vip !== before.vip
    if (moved && state === 'unhealthy') remember()
    if (moved || watched.verdict !== before.verdict || watched.reason !== before.reason) seen()
  }

  /** The first of a farm that answers again would have all clients alone: those that served with it stay for the time in which they can be back too. */
  function spareOthers(first: Watched, before: Watched): void {
    const others = backendsOf(first.farm).filter((one) => one.serving && one !== first)
    if (!first.serving || !others.every(({ verdict }) => isDown(verdict))) return
    const last = lastHealthy(new Map([before, ...others].flatMap(fallenOf)))
    for (const one of others) {
      const monitor = one.askings[0]?.target.monitor
      if (monitor && last.has(one.name)) one.sparedUntil = performance.now() + returnOf(monitor)
    }
  }

  /**
   * When nobody else answered last either, it is as likely the monitor that fails as the backend: it serves on until another one
   * answers. Else a farm would lose one after the other, and get all of them back when the last has fallen.
   */
  function doubt(fallen: Watched): void {
    const others = backendsOf(fallen.farm).filter((one) => one.serving && one !== fallen)
    if (!fallen.serving || others.length === 0 || others.some((one) => one.verdict.state !== 'unhealthy' && answers(one.askings))) return
    fallen.sparedUntil = Infinity
    doubtful.add(fallen.farm)
  }

  function endDoubt(farm: string): void {
    doubtful.delete(farm)
    for (const one of backendsOf(farm)) if (one.sparedUntil === Infinity) stopSparing(one)
  }

  function stopSparing(watched: Watched): void {
    watched.sparedUntil = null
    changed(watched.farm)
  }

  function ramp(watched: Watched): void {
    const { backAt, part, slowStart } = watched
    if (backAt === null) return
    watched.part = partAfter(performance.now() - backAt, slowStart)
    if (watched.part === 1) watched.backAt = null
    if (watched.part === part) return
    changed(watched.farm)
    seen()
  }

  function turn(watched: Watched, from: HealthState): void {
    watched.sparedUntil = null
    watched.backAt = watched.verdict.state === 'healthy' ? performance.now() : null
    watched.part = watched.backAt === null ? 1 : partAfter(0, watched.slowStart)
    if (watched.verdict.state === 'unhealthy') doubt(watched)
    note(watched, from, watched.reason ?? (watched.verdict.state === 'healthy' ? 'It answers again.' : 'Nothing was measured for a while.'))
    remember()
    changed(watched.farm)
  }

  function note({ farm, name, verdict }: Watched, from: HealthState, reason: string): void {
    events.push({ seq: (seq += 1), at: new Date().toISOString(), farm, backend: name, from, to: verdict.state, reason })
    if (events.length > eventsKept) events.shift()
    log.info({ farm, backend: name, from, to: verdict.state, reason }, 'the health of a backend changed')
  }

  function remember(): void {
    remembered.save(() => everybody().flatMap(failingOf))
  }

  /** The backend of a question, with what is known of it; what an agent before this one knew counts until it is asked. */
  function enter(farm: string, known: Watched | undefined, { backend, adminState, target, link }: Asked): Watched {
    const now = performance.now()
    const watched: Watched = known ?? { farm, name: backend, serving: true, slowStart: 0, backAt: null, part: 1, sparedUntil: null, askings: [], rip: null, vip: null, verdict: newVerdict(now), since: new Date().toISOString(), reason: null }
    watched.serving = adminState === 'enabled'
    const asking = byTarget.get(target.id)?.asking ?? newAsking(target, now)
    const failing = byTarget.has(target.id) ? null : remembered.recall(target.id)
    if (failing) {
      asking.track = { state: 'unhealthy', row: 0 }
      asking.failure = failing.failure
      watched.verdict = { ...newVerdict(monotonicTime(Date.parse(failing.since))), state: 'unhealthy' }
      watched.since = failing.since
    }
    asking.target = target
    asking.link = link
    watched.askings.push(asking)
    byTarget.set(target.id, { watched, asking })
    return watched
  }

  function follow(farm: string, asked: readonly Asked[], slowStart: number): void {
    const before = farms.get(farm) ?? new Map<string, Watched>()
    const after = new Map<string, Watched>()
    const old = new Set([...before.values()].flatMap(({ askings }) => askings.map(({ target }) => target.id)))
    for (const watched of before.values()) watched.askings = []
    for (const one of asked) after.set(one.backend, enter(farm, after.get(one.backend) ?? before.get(one.backend), one))
    for (const { target } of asked) old.delete(target.id)
    for (const id of old) byTarget.delete(id)
    if (after.size > 0) farms.set(farm, after)
    else {
      farms.delete(farm)
      doubtful.delete(farm)
    }
    for (const [name, watched] of before) if (!after.has(name)) leave(watched)
    for (const watched of after.values()) {
      watched.slowStart = slowStart
      weigh(watched)
    }
    prober.watch(farm, asked.flatMap(({ target }) => (target.path === 'vip' && !target.via ? [] : [target])))
  }

  function leave(watched: Watched): void {
    const { state } = watched.verdict
    if (state !== 'unhealthy') return
    watched.verdict = newVerdict(performance.now())
    note(watched, state, 'It is not checked any more.')
    remember()
  }

  function healthOf({ rip, vip, verdict: { state, hold, well }, since, reason, part }: Watched): BackendHealth {
    return { state, rip, vip, since, reason, damped: hold > 0 ? { seconds: hold / 1000, until: well === null ? null : secondOf(well + hold) } : null, part }
  }

  function backendsOf(farm: string): Watched[] {
    return [...(farms.get(farm)?.values() ?? [])]
  }

  return {
    follow,
    fallen: (farm) => new Map(backendsOf(farm).flatMap(fallenOf)),
    parts: (farm) => new Map(backendsOf(farm).flatMap(({ name, part }) => (part < 1 ? [[name, part] as const] : []))),
    of: (farm) => new Map(backendsOf(farm).map((watched) => [watched.name, healthOf(watched)])),
    history: (farm) => backendsOf(farm).map((watched) => ({ name: watched.name, health: healthOf(watched), probes: watched.askings.map(historyOf) })),
    events: (after) => events.filter((event) => event.seq > after),
    faults: () => [
      ...(trouble === null ? [] : [fault('probe-trouble', trouble)]),
      ...everybody().flatMap(({ farm, name, serving, verdict, reason }) => (serving && verdict.state === 'unhealthy' ? [fault('backend-unhealthy', reason ?? '', { farm, backend: name })] : [])),
    ],
    ask: prober.once,
    stop: async () => {
      clearInterval(timer)
      await prober.stop()
      await remembered.settle()
    },
  }
}

/** Unhealthy, and not even held back. */
function isDown({ state, well }: Verdict): boolean {
  return state === 'unhealthy' && well === null
}

function fallenOf({ name, verdict, askings, sparedUntil }: Watched): Array<[string, Fallen]> {
  const monitor = askings[0]?.target.monitor
  return monitor && verdict.state === 'unhealthy' ? [[name, { since: verdict.since, proven: verdict.proven, well: verdict.well !== null, spread: spreadOf(monitor), spared: sparedUntil !== null }]] : []
}

/** The addresses that make a backend unhealthy. */
function failingOf({ askings, verdict, since }: Watched): Failing[] {
  if (verdict.state !== 'unhealthy') return []
  return askings.flatMap(({ target, track, failure }) => (track.state === 'unhealthy' ? [{ id: target.id, since, failure }] : []))
}

/** A moment in whole seconds: the two clocks differ by a hair each time. */
function secondOf(at: number): string {
  return new Date(Math.ceil(wallTime(at) / 1000) * 1000).toISOString()
}
