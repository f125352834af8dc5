import { isDeepStrictEqual } from 'node:util'
import type { ProbeReason } from '#lib/domain/monitor.ts'
import type { Log } from '../log.ts'
import { openCrew, type Draft, type Ground } from './crew.ts'
import { openLooped } from './looped.ts'
import { openNamespace, removeRemnants, type Namespace } from './namespace.ts'
import { obstacleOf, openNearby, type Surroundings } from './nearby.ts'
import type { Prober, ProbeResult, ProbeTarget } from './target.ts'
import { openTurns } from './turns.ts'
import { openWays, standIn, type Way } from './ways.ts'
import { forwarded } from './worker/outcome.ts'

export type ProberParts = Surroundings & {
  /** The worker's program file. */
  program: string
  /** Gets every result of what is watched. */
  result: (result: ProbeResult) => void
  log: Log
}

/** Own addresses are asked from where the agent is. */
const solidGround: Ground = { build: async () => undefined, changes: () => async () => undefined, remove: async () => undefined }

/** How it looks when packets do not arrive. */
const silences: ReadonlyArray<ProbeReason | null> = ['timeout', 'unreachable', 'not-possible']
const isSilence = ({ reason }: Pick<ProbeResult, 'reason'>): boolean => silences.includes(reason)
const disturbed = 'somebody changed the rules of the probes, which are put back now'

/** Opens the probes; what a killed agent left behind is removed first. `neighbour` answers probes of type arp. */
export async function openProber({ program, interfaces, neighbour, result, log }: ProberParts): Promise<Prober> {
  const farms = new Map<string, ReadonlyMap<string, ProbeTarget>>()
  const watched = new Map<string, ProbeTarget>()
  const ways = openWays()
  const inTurn = openTurns()
  const hasLooped = openLooped(async () => (await namespace?.looped()) ?? [])
  let namespace: Namespace | null = null
  let looked = { begun: -Infinity, intact: Promise.resolve(true) }

  const vip = openCrew({
    program,
    place: 'own-namespace',
    ground: {
      build: async (pid) => {
        ways.renew()
        namespace = await openNamespace(pid)
      },
      changes: () => {
        const [changes, now] = [ways.changes(), interfaces()]
        return async () => namespace?.follow(changes, now)
      },
      remove: removeRemnants,
    },
    result: (found) => {
      const target = watched.get(found.id)
      if (target) inTurn(found.id, isSilence(found) ? weigh(target, found) : found, (weighed) => weighed && watched.get(found.id) === target && result(weighed))
    },
    log,
  })
  const rip = openCrew({ program, place: 'here', ground: solidGround, result, log })
  const crews = { rip, vip }
  const nearby = openNearby({ interfaces, neighbour }, result)

  /** What silence through a VIP says about the backend: a packet that came back from there says more. Null when it says nothing. */
  async function weigh<Found extends Omit<ProbeResult, 'id'>>(target: ProbeTarget, found: Found): Promise<Found | null> {
    const begun = performance.now() - found.ms
    const looped = found.reason === 'timeout' && target.via ? hasLooped(target.address, target.via.mac, begun) : false
    if (await isOurFault(begun)) return null
    return (await looped) ? { ...found, ...forwarded } : found
  }

  /**
   * Silence through a VIP says something about the backend only if the way there stood since the probe began. If somebody else
   * changed the rules, everything is built again.
   */
  async function isOurFault(begun: number): Promise<boolean> {
    if (!(await isIntactSince(begun))) {
      vip.rebuild(disturbed)
      return true
    }
    return (namespace?.relinkedAt() ?? 0) > begun
  }

  function isIntactSince(time: number): Promise<boolean> {
    if (looked.begun < time) looked = { begun: performance.now(), intact: namespace?.isIntact().catch(() => false) ?? Promise.resolve(true) }
    return looked.intact
  }

  /** Where a target is asked; a way to a VIP is held until it is let go. */
  function draftOf(target: ProbeTarget): Draft {
    const way = wayOf(target)
    return { host: way ? standIn(ways.hold(way)) : target.address, asked: target.address, port: target.port, monitor: target.monitor }
  }

  function begin(target: ProbeTarget, draft: Draft): void {
    watched.set(target.id, target)
    if (isNearby(target)) nearby.set(target)
    else crews[target.path].set(target.id, draft)
  }

  function end(target: ProbeTarget): void {
    watched.delete(target.id)
    if (isNearby(target)) nearby.drop(target.id)
    else crews[target.path].drop(target.id)
    letGo(target)
  }

  function letGo(target: ProbeTarget): void {
    const way = wayOf(target)
    if (way) ways.release(way)
  }

  await removeRemnants()
  return {
    watch: (farm, targets) => {
      const before = farms.get(farm)
      const after = new Map(targets.map((target) => [target.id, target]))
      const gone = [...(before?.values() ?? [])].filter((old) => !isDeepStrictEqual(old, after.get(old.id)))
      // What is new holds its way before the old lets go: one that both use stays.
      const news = targets.filter((target) => !isDeepStrictEqual(target, before?.get(target.id))).flatMap((target) => {
        try {
          return [{ target, draft: draftOf(target) }]
        } catch (error) {
          // One probe less must not keep a farm from the kernel.
          log.warn({ farm, target: target.id, error: String(error) }, 'a probe has no way')
          after.delete(target.id)
          return []
        }
      })
      gone.forEach(end)
      for (const { target, draft } of news) begin(target, draft)
      if (after.size > 0) farms.set(farm, after)
      else farms.delete(farm)
      vip.refresh()
    },
    once: async (target) => {
      if (isNearby(target)) return nearby.once(target)
      const found = await crews[target.path].once(draftOf(target))
      letGo(target)
      vip.refresh()
      const weighed = target.path === 'vip' && isSilence(found) ? await weigh(target, found) : found
      return { ...found, id: target.id, ...(weighed ?? { reason: 'not-possible', detail: 'The way of the probes changed meanwhile. Ask again.' }) }
    },
    state: () => ({ missed: vip.missed() + rip.missed() + nearby.missed(), trouble: vip.trouble() ?? rip.trouble() }),
    stop: async () => {
      await Promise.all([vip.stop(), rip.stop()])
    },
  }
}

function wayOf(target: ProbeTarget): Way | null {
  const { path, address, via } = target
  return path === 'vip' && via && !isNearby(target) ? { interface: via.interface, source: via.source, mac: via.mac, vip: address } : null
}

function isNearby(target: ProbeTarget): boolean {
  return target.monitor.type === 'arp' || obstacleOf(target) !== null
}
