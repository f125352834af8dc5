import type { Interface } from '#lib/domain/interface.ts'
import type { Log } from '../log.ts'
import type { Spot } from '../pins.ts'
import { openCrew, type Crew } from './crew.ts'
import type { Finding, Question } from './messages.ts'
import { openNamespace, removeRemnants, type Namespace } from './namespace.ts'
import type { Prober, ProbeResult, ProbeTarget } from './target.ts'
import { openWays, standIn, type Way } from './ways.ts'

export type ProberParts = {
  /** The worker's program file. */
  program: string
  interfaces: () => readonly Interface[]
  /** What the neighbour table says; for probes of type arp. */
  neighbour: (spot: Spot) => { mac: string | null; lost: boolean }
  /** Gets every result of what is watched. */
  result: (result: ProbeResult) => void
  log: Log
}

/** Opens the probes; what a killed agent left behind is removed first. */
export async function openProber({ program, interfaces, result, log }: ProberParts): Promise<Prober> {
  const farms = new Map<string, Map<string, ProbeTarget>>()
  const ways = openWays()
  let namespace: Namespace | null = null
  let asked = 0

  const crews: Record<ProbeTarget['path'], Crew> = {
    rip: openCrew({ program, place: 'here', ground: null, found: result, log }),
    vip: openCrew({
      program,
      place: 'own-namespace',
      ground: {
        build: async (pid) => {
          ways.renew()
          namespace = await openNamespace(pid)
        },
        settle: async () => {
          await namespace?.follow(ways.changes(), interfaces())
        },
        remove: async () => {
          namespace = null
          await removeRemnants()
        },
      },
      found: result,
      log,
    }),
  }

  function begin(target: ProbeTarget): void {
    const question = questionOf(target)
    crews[target.path].set(question)
  }

  /** Where a target is asked from here; a way through the VIP is held until `end`. */
  function questionOf({ id, address, port, monitor, ...target }: ProbeTarget): Question {
    const way = wayOf({ id, address, port, monitor, ...target })
    return { id, host: way ? standIn(ways.hold(way)) : address, asked: address, port, monitor }
  }

  function release(target: ProbeTarget): void {
    const way = wayOf(target)
    if (way) ways.release(way)
  }

  return {
    watch: (farm, targets) => {
      const before = farms.get(farm) ?? new Map<string, ProbeTarget>()
      const after = new Map(targets.map((target) => [target.id, target]))
      // New ways are held before old ones are let go: what stays the same stays in place.
      for (const target of targets) {
        const old = before.get(target.id)
        if (JSON.stringify(old) === JSON.stringify(target)) continue
        if (old && old.path !== target.path) crews[old.path].drop(old.id)
        begin(target)
        if (old) release(old)
      }
      for (const [id, old] of before) {
        if (after.has(id)) continue
        crews[old.path].drop(id)
        release(old)
      }
      if (after.size > 0) farms.set(farm, after)
      else farms.delete(farm)
    },
    once: async (target) => {
      const crew = crews[target.path]
      const finding: Finding = await crew.once({ ...questionOf(target), id: `once ${(asked += 1)}` })
      release(target)
      return { ...finding, id: target.id }
    },
    state: () => ({ missed: crews.rip.missed() + crews.vip.missed(), trouble: crews.vip.trouble() ?? crews.rip.trouble() }),
    stop: async () => {
      await Promise.all(Object.values(crews).map((crew) => crew.stop()))
    },
  }
}

function wayOf({ path, address, via }: ProbeTarget): Way | null {
  return path === 'vip' && via ? { interface: via.interface, source: via.source, mac: via.mac, vip: address } : null
}
