import type { DoctorEvidence, DoctorRequest } from '#lib/domain/doctor/evidence.ts'
import type { Fault } from '#lib/domain/fault.ts'
import { vipsOf, type Farm } from '#lib/domain/farm.ts'
import { interfaceOf, type Interface } from '#lib/domain/interface.ts'
import type { FarmObservation } from '#lib/domain/status.ts'
import type { Log } from '../log.ts'
import type { ProbeResult, ProbeTarget } from '../probe/target.ts'
import { openEar } from './ear.ts'
import { examine } from './examine.ts'
import { whoIsWho, type Who } from './who.ts'

export type Doctor = {
  /** Examines one farm; null when there is none of this name. Others wait for their turn. */
  examine: (request: DoctorRequest) => Promise<DoctorEvidence | null>
  faults: () => Fault[]
  stop: () => Promise<void>
}

export type DoctorParts = {
  farms: () => ReadonlyMap<string, Farm>
  interfaces: () => readonly Interface[]
  observations: (names: readonly string[]) => ReadonlyArray<Pick<FarmObservation, 'name' | 'backends'>>
  macOf: (address: string, iface: string) => string | null
  targets: (farm: string) => Promise<ReadonlySet<string> | null>
  once: (target: ProbeTarget) => Promise<ProbeResult>
  changed: () => void
  log: Log
}

/** Farms that are examined at the same time: each is mostly waiting for answers. */
const examinedAtOnce = 4

/** Examines farms on demand, and hears all the time who speaks in the name of their VIPs. */
export function openDoctor(parts: DoctorParts): Doctor {
  const { farms, interfaces, observations } = parts
  const waiting: Array<() => void> = []
  let busy = 0
  const served = (): Array<{ farm: Farm; iface: Interface }> =>
    [...farms().values()].flatMap((farm) => {
      const iface = farm.adminState === 'enabled' ? interfaceOf(farm, interfaces()) : null
      return iface ? [{ farm, iface }] : []
    })
  const who = (): Who => whoIsWho(served(), interfaces(), parts.macOf)
  const ear = openEar(
    () => {
      const all = served()
      const used = new Set(all.map(({ iface }) => iface))
      return { interfaces: [...used].map(({ name, addresses }) => ({ name, addresses: addresses.map(({ address }) => address) })), vips: [...new Set(all.flatMap(({ farm }) => vipsOf(farm)))] }
    },
    who,
    parts.changed,
    parts.log,
  )

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (busy >= examinedAtOnce) await new Promise<void>((resolve) => waiting.push(resolve))
    else busy += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else busy -= 1
    }
  }

  function unable(farm: string, trouble: string): DoctorEvidence {
    return { farm, at: new Date().toISOString(), tookMs: 0, trouble, obstacles: [], interface: null, ports: { asked: [], of: 0 }, listeningSince: null, heard: [], backends: [] }
  }

  async function examineNow({ farm: name, backends }: DoctorRequest): Promise<DoctorEvidence | null> {
    const farm = farms().get(name)
    if (!farm) return null
    if (farm.adminState === 'disabled') return unable(name, 'The farm is disabled, so the appliance does not have its VIP.')
    const iface = interfaceOf(farm, interfaces())
    if (!iface) return unable(name, farm.interface === null ? `${farm.vip} is in none of the appliance's subnets.` : `There is no interface ${farm.interface}.`)
    if (!iface.up) return unable(name, `${iface.name} is down.`)
    const active = (): Set<string> => new Set(observations([name])[0]?.backends.flatMap((backend) => (backend.active ? [backend.name] : [])))
    const some = farm.backends.filter((backend) => backends === null || backends.includes(backend.name))
    return examine({ farm, backends: some, iface, macOf: parts.macOf, active, targets: () => parts.targets(name) }, { ear, once: parts.once, who })
  }

  return { examine: (request) => inTurn(() => examineNow(request)), faults: ear.faults, stop: ear.stop }
}
