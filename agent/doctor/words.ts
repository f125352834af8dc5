import { fault, type Fault } from '#lib/domain/fault.ts'
import type { Word } from './hearing.ts'

/** Whose words in the name of a VIP were heard, and what they were. */
export type Spoken = Word & { what: 'question' | 'answer' }

/** Whose MAC address it is, and which farm has the VIP; null when nobody knows. */
export type Known = { backendAt: (mac: string) => { farm: string; name: string } | null; farmOf: (vip: string) => string | null }

/** How long words are a fault after they were heard last, in ms, and of how many machines: one that makes up addresses must not bury other faults. */
const shownMs = 300_000
const shownAtMost = 20

export function isCurrent({ at }: Word, now: number): boolean {
  return now - at < shownMs
}

/** A fault for each machine that spoke in the name of a VIP within the last five minutes; `now` in ms since 1970. */
export function leakFaults(words: Iterable<Spoken>, now: number, { backendAt, farmOf }: Known): Fault[] {
  const byMac = new Map<string, Spoken[]>()
  for (const one of words) if (isCurrent(one, now)) byMac.set(one.mac, [...(byMac.get(one.mac) ?? []), one])
  return [...byMac].slice(0, shownAtMost).map(([mac, said]) => {
    const backend = backendAt(mac)
    const farm = farmOf(said[0]?.address ?? '')
    const who = `${mac}${backend ? `, which is backend ${backend.name} of farm ${backend.farm},` : ''}`
    const vips = [...new Set(said.map(({ address }) => address))].slice(0, 5).join(', ')
    const did = said.some(({ what }) => what === 'answer') ? `answers for ${vips}` : `asks for other machines in the name of ${vips}`
    return fault('vip-leaked', `${who} ${did}.`, backend ? { farm: backend.farm, backend: backend.name } : farm === null ? {} : { farm })
  })
}
