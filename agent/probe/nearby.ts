import { holds, type Interface } from '#lib/domain/interface.ts'
import type { Spot } from '../pins.ts'
import { phaseOf } from './crew.ts'
import type { ProbeResult, ProbeTarget } from './target.ts'
import type { Outcome } from './worker/outcome.ts'
import { runSchedule } from './worker/schedule.ts'

export type Surroundings = { interfaces: () => readonly Interface[]; neighbour: (spot: Spot) => { mac: string | null; lost: boolean } }

/** Probes that need no packet of their own: the neighbour table knows the answer, or nothing can be sent at all. */
export type Nearby = { set: (target: ProbeTarget) => void; drop: (id: string) => void; once: (target: ProbeTarget) => ProbeResult; missed: () => number }

export function openNearby(surroundings: Surroundings, result: (result: ProbeResult) => void): Nearby {
  const keys = new Map<string, number>()
  const targets = new Map<number, ProbeTarget>()
  let lastKey = 0
  const find = (target: ProbeTarget): ProbeResult => ({ id: target.id, at: Date.now(), ms: 0, ...outcomeOf(target, surroundings) })
  const schedule = runSchedule(({ key }, done) => {
    const target = targets.get(key)
    done()
    if (target) result(find(target))
    return () => undefined
  })

  function drop(id: string): void {
    const key = keys.get(id)
    if (key === undefined) return
    keys.delete(id)
    targets.delete(key)
    schedule.drop([key])
  }

  return {
    set: (target) => {
      drop(target.id)
      const key = (lastKey += 1)
      keys.set(target.id, key)
      targets.set(key, target)
      schedule.set([{ key, phase: phaseOf(target.id, target.monitor), host: target.address, asked: target.address, port: target.port, monitor: target.monitor }])
    },
    drop,
    once: find,
    missed: schedule.missed,
  }
}

/** Why a target cannot be asked over the network, or null when it can. */
export function obstacleOf({ path, via, port, monitor }: ProbeTarget): string | null {
  if (monitor.type === 'arp') return path === 'rip' ? null : 'A VIP does not answer ARP on a backend, and must not.'
  if (monitor.type !== 'icmp' && port === null) return 'The monitor needs a port.'
  return path === 'vip' && !via ? 'The MAC address of the backend is not known.' : null
}

function outcomeOf(target: ProbeTarget, { interfaces, neighbour }: Surroundings): Outcome {
  const obstacle = obstacleOf(target)
  if (obstacle !== null) return { reason: 'not-possible', detail: obstacle }
  const iface = interfaces().find((one) => holds(one, target.address))
  if (!iface) return { reason: 'not-possible', detail: `${target.address} is in no subnet of the appliance.` }
  const { mac, lost } = neighbour({ address: target.address, interface: iface.name })
  if (lost) return { reason: 'timeout', detail: 'It does not answer questions for its MAC address.' }
  return mac ? { reason: null, detail: `It is at ${mac}.` } : { reason: 'not-possible', detail: 'Its MAC address was not asked for yet.' }
}
