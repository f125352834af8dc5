import type { Heard } from '#lib/domain/doctor/evidence.ts'
import { vipsOf, type Farm } from '#lib/domain/farm.ts'
import { fault, type Fault } from '#lib/domain/fault.ts'
import type { Interface } from '#lib/domain/interface.ts'
import { wallTime } from '../health/clock.ts'
import type { Word } from './hearing.ts'
import type { Who } from './who.ts'

/** Whose words in the name of a VIP were heard, and what they were. */
export type Spoken = Word & { what: 'question' | 'answer' }

/** How long words are a fault after they were heard last, and how long they are remembered, in ms. */
const shownMs = 300_000
const rememberedMs = 24 * 3_600_000

/** What is remembered at most, and what is shown of it: a machine that makes up addresses must not stop the agent or bury other faults. */
const mostWords = 256
const [mostFarms, mostMachines, mostVips] = [20, 3, 5]

export function isCurrent({ at }: Word, now: number): boolean {
  return now - at < shownMs
}

/** What is remembered when more was heard: each word once, the newest first. */
export function remember(before: readonly Spoken[], heard: readonly Spoken[], now: number): Spoken[] {
  const newest = new Map<string, Spoken>()
  for (const one of [...before, ...heard].sort((a, b) => b.at - a.at)) {
    const key = `${one.what} ${one.address} ${one.mac}`
    if (now - one.at < rememberedMs && newest.size < mostWords && !newest.has(key)) newest.set(key, one)
  }
  return [...newest.values()]
}

/**
 * What was said about a farm's VIPs: answers since its examination began, and questions. The interface of the farm may speak for
 * them, and no other one of the appliance.
 */
export function heardAbout({ farm, iface }: { farm: Farm; iface: Interface }, words: readonly Spoken[], begun: number, { backendAt, ownAt }: Who): Heard[] {
  const farms = new Set([farm.name])
  return words
    .filter(({ address, what, at }) => vipsOf(farm).includes(address) && (what === 'question' || at >= begun))
    .map(({ address, mac, what, at }) => ({ vip: address, mac, what, at: new Date(wallTime(at)).toISOString(), backend: backendAt(mac, farms), own: ownAt(mac) }))
    .filter(({ mac, own, what }) => own === null || (mac !== iface.mac && what === 'answer'))
}

/** A fault for each farm in the name of whose VIPs somebody spoke within the last five minutes. `who` is asked once, and only when there is one. */
export function leakFaults(words: readonly Spoken[], now: number, who: () => Who): Fault[] {
  const current = words.filter((one) => isCurrent(one, now))
  if (current.length === 0) return []
  const known = who()
  const byFarm = new Map<string, Spoken[]>()
  for (const one of current) {
    if (known.ownAt(one.mac) !== null) continue
    const farms = known.farmsOf(one.address)
    const [first] = farms
    const owner = known.backendAt(one.mac, farms)?.farm
    const farm = owner !== undefined && farms.has(owner) ? owner : first
    if (farm === undefined) continue
    const said = byFarm.get(farm)
    if (said) said.push(one)
    else byFarm.set(farm, [one])
  }
  const shown = [...byFarm].slice(0, mostFarms).map(([farm, said]) => leakFault(farm, said, known))
  const hidden = byFarm.size - shown.length
  return hidden === 0 ? shown : [...shown, fault('vip-leaked', `Somebody speaks in the name of the VIPs of ${hidden} more ${hidden === 1 ? 'farm' : 'farms'}.`)]
}

function leakFault(farm: string, said: readonly Spoken[], { backendAt }: Who): Fault {
  const farms = new Set([farm])
  const machines = [...new Set(said.map(({ mac }) => mac))].map((mac) => ({ mac, owner: backendAt(mac, farms) }))
  const sorted = [...machines.filter(({ owner }) => owner), ...machines.filter(({ owner }) => !owner)]
  const texts = sorted.slice(0, mostMachines).map(({ mac, owner }) => {
    const own = said.filter((one) => one.mac === mac)
    const vips = [...new Set(own.map(({ address }) => address))].slice(0, mostVips).join(', ')
    const did = own.some(({ what }) => what === 'answer') ? `answers for ${vips}` : `asks for other machines in the name of ${vips}`
    return `${mac}${owner ? `, which is backend ${owner.name} of farm ${owner.farm},` : ''} ${did}`
  })
  const hidden = sorted.length - texts.length
  const more = hidden === 0 ? [] : [hidden === 1 ? 'one more machine does so too' : `${hidden} more machines do so too`]
  const [only, second] = sorted
  return fault('vip-leaked', `${[...texts, ...more].join('; ')}.`, { farm, ...(only?.owner?.farm === farm && !second ? { backend: only.owner.name } : {}) })
}
