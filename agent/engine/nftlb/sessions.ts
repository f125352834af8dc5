import type { NftlbFarm } from '#lib/render/nftlb.ts'
import { field, nft } from '../nft.ts'
import { families, table, type guardTable, type NftFamily } from './kernel.ts'

/** One entry: its key, where it leads, its seconds to live, and all of it as an nft element such as `192.0.2.1 . 40000 timeout 60s expires 41s : 02:00:00:00:00:11`. */
export type Session = { key: string; to: string; expires: number; text: string }

/** Persistence entries of one map. `farm` is the engine's name of it. */
export type Sessions = { family: NftFamily; map: string; farm: string; elements: Session[] }

const perCommand = 2000
const attempts = 3

/**
 * Reads the entries of all persistence maps of a table, so that they can be put back after nftlb has rebuilt its
 * tables: it keeps no copy. Maps whose values are connection marks are left out, because nftlb numbers marks anew;
 * connections of those farms are held by connection tracking. The table is listed, and not the maps of a family: for that nft
 * reads every element of every table, also those of thousands of slots.
 */
export async function readSessions(from: typeof table | typeof guardTable): Promise<Sessions[]> {
  const listings = await Promise.all(families.map(async (family) => ({ family, text: await nft(['-j', 'list', 'table', family, from]) })))
  return listings.flatMap(({ family, text }) => {
    const listed = (JSON.parse(text ?? '{}') as { nftables?: Array<{ map?: Record<string, unknown> }> }).nftables ?? []
    return listed.flatMap(({ map }) => {
      const name = typeof map?.name === 'string' ? map.name : ''
      const kept = /^(?:persist-(f_[^-]+)|map-(f_[^-]+)-back)$/.exec(name)
      const owner = kept?.[1] ?? kept?.[2]
      if (!map || map.table !== from || map.map === 'mark' || !owner) return []
      const elements = Array.isArray(map.elem) ? map.elem.flatMap(toSession).filter(({ expires }) => expires > 0) : []
      return elements.length > 0 ? [{ family, map: name, farm: owner, elements }] : []
    })
  })
}

/**
 * The entries that may come back: those of farms that still exist and, in the tables of clients, those that lead to a
 * backend which is not out. Each packet refreshes its entry, so an old one would keep a client on a backend that is gone.
 */
export function stillWanted(sessions: readonly Sessions[], farms: readonly NftlbFarm[]): Sessions[] {
  return sessions.flatMap((one) => {
    const farm = farms.find(({ name }) => name === one.farm)
    if (!farm) return []
    if (!one.map.startsWith('persist-')) return [one]
    const targets = new Set(farm.backends.filter(({ state }) => state !== 'down').flatMap((backend) => [backend['ip-addr'], backend['ether-addr']]))
    return [{ ...one, elements: one.elements.filter(({ to }) => targets.has(to)) }]
  })
}

/** Those of `sessions` whose keys are not in `present`. */
export function missingFrom(present: readonly Sessions[], sessions: readonly Sessions[]): Sessions[] {
  const keys = new Map(present.map((one) => [`${one.family} ${one.map}`, new Set(one.elements.map(({ key }) => key))]))
  return sessions.map((one) => ({ ...one, elements: one.elements.filter(({ key }) => !keys.get(`${one.family} ${one.map}`)?.has(key)) }))
}

/**
 * Puts entries back, in as few transactions as their number allows; entries that came up meanwhile win: nft refuses the
 * whole transaction for one of them, so they are left out and the rest is tried again. Answers how many maps refused.
 */
export async function restoreSessions(sessions: readonly Sessions[]): Promise<number> {
  let failed = 0
  for (const { family, map, elements } of sessions) {
    for (let i = 0; i < elements.length; i += perCommand) if (!(await restore(family, map, elements.slice(i, i + perCommand)))) failed++
  }
  return failed
}

async function restore(family: NftFamily, map: string, wanted: readonly Session[]): Promise<boolean> {
  let elements = wanted
  for (let attempt = 0; attempt < attempts && elements.length > 0; attempt++) {
    const command = `add element ${family} ${table} ${map} { ${elements.map(({ text }) => text).join(', ')} }\n`
    const done = await nft(['-f', '-'], command).catch(() => null)
    if (done !== null) return true
    const taken = new Set((await readMap(family, map)).map(({ key }) => key))
    elements = elements.filter(({ key }) => !taken.has(key))
  }
  return elements.length === 0
}

/** The entries of one map; none when it does not exist. */
export async function readMap(family: NftFamily, map: string): Promise<Session[]> {
  const listed = (JSON.parse((await nft(['-j', 'list', 'map', family, table, map])) ?? '{}') as { nftables?: Array<{ map?: { elem?: unknown[] } }> }).nftables ?? []
  return listed.flatMap((one) => (one.map?.elem ?? []).flatMap(toSession))
}

/** One element of `nft -j list` as nft reads it; nothing for what has no lifetime. */
function toSession(element: unknown): Session[] {
  if (!Array.isArray(element)) return []
  const [left, value] = element as [unknown, unknown]
  const elem = field(left, 'elem')
  const key = field(elem, 'val')
  const parts = field(key, 'concat')
  const words = Array.isArray(parts) ? parts.join(' . ') : String(key)
  const [timeout, expires] = [Number(field(elem, 'timeout')), Number(field(elem, 'expires'))]
  if (!/^[0-9a-f.: ]+$/.test(`${words}${String(value)}`) || Number.isNaN(expires)) return []
  const lifetime = Number.isFinite(timeout) ? `timeout ${timeout}s ` : ''
  return [{ key: words, to: String(value), expires, text: `${words} ${lifetime}expires ${expires}s : ${String(value)}` }]
}
