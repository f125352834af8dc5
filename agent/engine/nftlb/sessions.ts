import { families, field, nft, table, type NftFamily } from './kernel.ts'

/** Persistence entries of one map, as nft elements such as `192.0.2.1 . 40000 timeout 60s expires 41s : 02:00:00:00:00:11`. */
export type Sessions = { family: NftFamily; map: string; elements: string[] }

const perCommand = 2000

/**
 * Reads the entries of all persistence maps, or of one farm's, so that they can be put back after nftlb has rebuilt its
 * tables: it keeps no copy. Maps whose values are connection marks are left out, because nftlb numbers marks anew;
 * connections of those farms are held by connection tracking.
 */
export async function readSessions(farm?: string): Promise<Sessions[]> {
  const listings = await Promise.all(families.map(async (family) => ({ family, text: await nft(['-j', 'list', 'maps', family]) })))
  return listings.flatMap(({ family, text }) => {
    const listed = (JSON.parse(text ?? '{}') as { nftables?: Array<{ map?: Record<string, unknown> }> }).nftables ?? []
    return listed.flatMap(({ map }) => {
      const name = typeof map?.name === 'string' ? map.name : ''
      const kept = /^(?:persist-(f_[^-]+)|map-(f_[^-]+)-back)$/.exec(name)
      if (!map || map.table !== table || map.map === 'mark' || !kept || (farm && farm !== (kept[1] ?? kept[2]))) return []
      const elements = Array.isArray(map.elem) ? map.elem.flatMap(toText) : []
      return elements.length > 0 ? [{ family, map: name, elements }] : []
    })
  })
}

/** Puts entries back, in as few transactions as their number allows; entries that came up meanwhile win. Answers how many maps refused. */
export async function restoreSessions(sessions: readonly Sessions[]): Promise<number> {
  let failed = 0
  for (const { family, map, elements } of sessions) {
    for (let i = 0; i < elements.length; i += perCommand) {
      const command = `add element ${family} ${table} ${map} { ${elements.slice(i, i + perCommand).join(', ')} }\n`
      const done = await nft(['-f', '-'], command).catch(() => null)
      if (done === null) failed++
    }
  }
  return failed
}

/** One element of `nft -j list maps` as nft reads it; entries that are about to expire are left out. */
function toText(element: unknown): string[] {
  if (!Array.isArray(element)) return []
  const [left, value] = element as [unknown, unknown]
  const elem = field(left, 'elem')
  const key = field(elem, 'val')
  const parts = field(key, 'concat')
  const words = Array.isArray(parts) ? parts.join(' . ') : String(key)
  const [timeout, expires] = [Number(field(elem, 'timeout')), Number(field(elem, 'expires'))]
  if (!/^[0-9a-f.: ]+$/.test(`${words}${String(value)}`) || !(expires > 0)) return []
  const lifetime = Number.isFinite(timeout) ? `timeout ${timeout}s ` : ''
  return [`${words} ${lifetime}expires ${expires}s : ${String(value)}`]
}
