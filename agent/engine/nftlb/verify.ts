import type { NftlbFarm } from '#lib/render/nftlb.ts'
import { printPortRange, portRanges } from '#lib/domain/ports.ts'
import { packetProtocols } from '#lib/domain/farm.ts'
import type { Mismatch } from '../engine.ts'
import { distributionOf, type Distribution } from './distribution.ts'
import { readAll, readChain, readElements, type KernelView, type NftFamily, type Rule } from './kernel.ts'

/** Where the rules of a farm stand: the chains that must exist, and the verdict map whose keys must lead to the first. */
type Site = { family: NftFamily; balance: string; target: string; map: string; keys: string[] }

const fewFarms = 8

/** Compares all farms with the kernel in one listing, which also finds chains that belong to no farm. */
export async function verifyAll(farms: readonly NftlbFarm[]): Promise<Mismatch[]> {
  return compare(farms, null, await readAll())
}

/**
 * Compares some farms with the kernel: a few are read one by one, many in one listing. The way from the VIP to a farm is
 * looked at for those in `entered` only; no other change touches it.
 */
export async function verifySome(present: readonly NftlbFarm[], absent: readonly string[], entered: ReadonlySet<string>): Promise<Mismatch[]> {
  if (present.length + absent.length > fewFarms) return compare(present, absent, await readAll())
  const found = await Promise.all([...present.map((farm) => verifyOne(farm, entered.has(farm.name))), ...absent.map(verifyGone)])
  return found.flat()
}

/** Compares farms with a full listing; `absent` null means that no other farm's chain may be there. */
export function compare(present: readonly NftlbFarm[], absent: readonly string[] | null, view: KernelView): Mismatch[] {
  const mismatches = present.flatMap((farm) => {
    const site = siteOf(farm)
    const elements = view.elements.get(`${site.family} ${site.map}`)
    const lost = site.keys.find((key) => elements?.get(key) !== site.target) ?? lostReturn(farm, (map) => view.elements.get(`${site.family} ${map}`))
    return lost ? [{ farm: farm.name, detail: `${lost} does not lead to the farm` }] : compareChains(farm, (chain) => view.chains.get(`${site.family} ${chain}`) ?? null)
  })
  const expected = new Set(present.map((farm) => farm.name))
  for (const name of view.chains.keys()) {
    const farm = /^\S+ (?:filter-|nat-)?(f_[^-]+)(?:-back)?$/.exec(name)?.[1]
    if (farm && (absent ? absent.includes(farm) : !expected.has(farm))) mismatches.push({ farm, detail: `chain ${name} is still there` })
  }
  return [...mismatches, ...(absent ? [] : hookless(present, view))]
}

/** Base chains that are missing or do not look into the map that some farm needs. */
function hookless(present: readonly NftlbFarm[], view: KernelView): Mismatch[] {
  const needed = new Map(present.map((farm) => [`${siteOf(farm).family} ${hookOf(farm)} ${siteOf(farm).map}`, farm]))
  return [...needed].flatMap(([key, farm]) => {
    const { family, map } = siteOf(farm)
    const rules = view.chains.get(`${family} ${hookOf(farm)}`)
    return rules && JSON.stringify(rules).includes(`"@${map}"`) ? [] : [{ farm: null, detail: `the hook ${key} is missing` }]
  })
}

async function verifyOne(farm: NftlbFarm, entered: boolean): Promise<Mismatch[]> {
  const { family, balance, target, map, keys } = siteOf(farm)
  const names = [balance, ...(target === balance ? [] : [target])]
  const way = returnOf(farm)
  const [elements, returns, ...rules] = await Promise.all([entered ? readElements(family, map) : null, entered && way ? readElements(family, way.map) : null, ...names.map((name) => readChain(family, name))])
  const lost = (elements && keys.find((key) => elements.get(key) !== target)) ?? (returns && lostReturn(farm, () => returns))
  if (lost) return [{ farm: farm.name, detail: `${lost} does not lead to the farm` }]
  return compareChains(farm, (chain) => rules[names.indexOf(chain)] ?? null)
}

async function verifyGone(name: string): Promise<Mismatch[]> {
  const chains: Array<[NftFamily, string]> = [['netdev', name], ['ip', `nat-${name}`], ['ip6', `nat-${name}`]]
  const found = await Promise.all(chains.map(([family, chain]) => readChain(family, chain)))
  return found.some((rules) => rules !== null) ? [{ farm: name, detail: 'its rules are still there' }] : []
}

function compareChains(farm: NftlbFarm, read: (chain: string) => Rule[] | null): Mismatch[] {
  const site = siteOf(farm)
  const balance = read(site.balance)
  const target = site.target === site.balance ? balance : read(site.target)
  if (!balance || !target) return [{ farm: farm.name, detail: `chain ${balance ? site.target : site.balance} is missing` }]
  const wanted = wantedOf(farm)
  const actual = distributionOf(farm.mode, balance, target)
  const alone = wanted.size === 1
  const same = wanted.size === actual.size && [...wanted].every(([to, weight]) => actual.has(to) && (alone || actual.get(to) === weight))
  return same ? [] : [{ farm: farm.name, detail: `the kernel sends to ${words(actual)} instead of ${words(wanted)}` }]
}

/** Which share each active backend must get: by MAC in mode dsr, by address (and port) elsewhere. */
function wantedOf(farm: NftlbFarm): Distribution {
  return new Map(
    farm.backends
      .filter((backend) => backend.state === 'up')
      .map((backend) => [farm.mode === 'dsr' ? (backend['ether-addr'] ?? '') : farm.mode === 'stlsdnat' ? `${backend['ip-addr']} ${backend['ether-addr']}` : `${backend['ip-addr']} ${backend.port}`.trim(), Number(backend.weight)]),
  )
}

function words(distribution: Distribution): string {
  return [...distribution].map(([to, weight]) => `${to} (${weight})`).join(', ') || 'nobody'
}

function siteOf(farm: NftlbFarm): Site {
  const stateless = farm.mode === 'dsr' || farm.mode === 'stlsdnat'
  const six = farm.family === 'ipv6' ? '6' : ''
  const kind = `${farm['virtual-ports'] === '' ? '' : 'proto-'}services${six}`
  const keys = keysOf(farm)
  if (stateless) return { family: 'netdev', balance: farm.name, target: farm.name, map: `${kind}-${farm.iface}`, keys }
  return { family: farm.family === 'ipv6' ? 'ip6' : 'ip', balance: `filter-${farm.name}`, target: `nat-${farm.name}`, map: `nat-${kind}`, keys }
}

/** The verdict map that must lead the replies of stateless DNAT's backends to the farm's second chain; null for other modes. */
function returnOf(farm: NftlbFarm): { map: string; keys: string[]; target: string } | null {
  if (farm.mode !== 'stlsdnat') return null
  const keys = farm.backends.filter(({ state }) => state !== 'down').flatMap((backend) => keysOf(farm, backend['ip-addr']))
  return { map: siteOf(farm).map.replace(`-${farm.iface}`, `-dnat-${farm.iface}`), keys, target: `${farm.name}-back` }
}

function lostReturn(farm: NftlbFarm, elementsOf: (map: string) => ReadonlyMap<string, string> | undefined): string | undefined {
  const way = returnOf(farm)
  return way?.keys.find((key) => elementsOf(way.map)?.get(key) !== way.target)
}

function hookOf(farm: NftlbFarm): string {
  return siteOf(farm).family === 'netdev' ? `ingress-${farm.iface}` : 'prerouting'
}

function keysOf(farm: NftlbFarm, address = farm['virtual-addr']): string[] {
  const ports = farm['virtual-ports'] === '' ? [] : portRanges(farm['virtual-ports'].split(','))
  return packetProtocols(farm.protocol).flatMap((protocol) => {
    const start = `${protocol} . ${address}`
    if (ports.length === 0) return [start]
    return ports.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => `${start} . ${printPortRange({ from: from + i, to: from + i })}`))
  })
}
