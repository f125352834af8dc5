import { field, nft } from '../nft.ts'

export const families = ['netdev', 'ip', 'ip6'] as const
export type NftFamily = (typeof families)[number]

/** nftlb's own table, in each of the three families. */
export const table = 'nftlb'

/** The table of the guard, which stands in for nftlb's while they are rebuilt. */
export const guardTable = 'tangent-guard'

/** One rule as `nft -j` prints it: statements as objects, or as text where nft has no JSON for them. */
export type Rule = readonly unknown[]

/** What was read of nftlb's tables. Chains by `family name`; elements by `family map`, each as `key fields` → target chain. */
export type KernelView = { chains: Map<string, Rule[]>; elements: Map<string, Map<string, string>> }

/** Reads one chain; null when it, its table or its hook does not exist. */
export async function readChain(family: NftFamily, chain: string): Promise<Rule[] | null> {
  const text = await nft(['-j', 'list', 'chain', family, table, chain])
  return text === null ? null : (parseView(text).chains.get(`${family} ${chain}`) ?? null)
}

/** Reads one verdict map, as key → target chain; empty when it does not exist. Cheaper than asking for single elements, for which nft reads every map. */
export async function readElements(family: NftFamily, map: string): Promise<Map<string, string>> {
  const text = await nft(['-j', 'list', 'map', family, table, map])
  return (text === null ? null : parseView(text).elements.get(`${family} ${map}`)) ?? new Map()
}

/** Reads everything in nftlb's tables. */
export async function readAll(): Promise<KernelView> {
  const view: KernelView = { chains: new Map(), elements: new Map() }
  for (const text of await Promise.all(families.map((family) => nft(['-j', 'list', 'table', family, table])))) {
    if (text === null) continue
    const part = parseView(text)
    part.chains.forEach((rules, name) => view.chains.set(name, rules))
    part.elements.forEach((elements, name) => view.elements.set(name, elements))
  }
  return view
}

type Listed = { chain?: { family: string; name: string }; rule?: { family: string; chain: string; expr?: unknown[] }; map?: { family: string; name: string; elem?: unknown[] } }

function parseView(text: string): KernelView {
  const view: KernelView = { chains: new Map(), elements: new Map() }
  const listed = (JSON.parse(text) as { nftables?: Listed[] }).nftables ?? []
  for (const { chain, rule, map } of listed) {
    if (chain) view.chains.set(`${chain.family} ${chain.name}`, [])
    if (rule) view.chains.get(`${rule.family} ${rule.chain}`)?.push(rule.expr ?? [])
    if (map) view.elements.set(`${map.family} ${map.name}`, new Map((map.elem ?? []).flatMap(toElement)))
  }
  return view
}

/** An element of a verdict map as [key, target chain]; nothing for elements of other maps. */
function toElement(element: unknown): Array<[string, string]> {
  if (!Array.isArray(element)) return []
  const [key, verdict] = element as [unknown, unknown]
  const fields = field(key, 'concat')
  const target = field(field(verdict, 'goto'), 'target')
  return Array.isArray(fields) && typeof target === 'string' ? [[fields.join(' . '), target]] : []
}
