import { z } from 'zod'
import { familyOf, hostPrefix } from '#lib/domain/address.ts'
import type { Interface } from '#lib/domain/interface.ts'
import { isProbeDevice, probeDevice } from '../links.ts'
import { nft } from '../engine/nft.ts'
import { run } from '../run.ts'
import { insideFrame, insideLink, insideWays, outsideFrame, outsideLink, outsidePairs, table, type Link, type Pair } from './rules.ts'
import { laneMark, laneNetwork, type Lane, type NumberedWay, type WayChanges } from './ways.ts'

/**
 * The network namespace that probes through VIPs start from: that of the worker, so that it vanishes with it. A veth pair per
 * interface leads out of it.
 */
export type Namespace = {
  /** Follows changes of ways and interfaces. After a failure the namespace is of no more use. */
  follow: (changes: WayChanges, interfaces: readonly Interface[]) => Promise<void>
  /** False when somebody else changed the table or took an interface away. */
  isIntact: () => Promise<boolean>
}

/** The gateway of all routes inside. Nobody has this address: without ARP its MAC is made up, and the rules put the backend's in. */
const gateway = { ipv4: '169.254.0.1', ipv6: 'fe80::1' } as const

/** A backend that does not take the VIP as its own but routes must not send the packet around again. */
const hops = 'hoplimit 1'

/** Routing tables of lanes: this and the lane's number. */
const firstTable = 1000

const deviceSchema = z.array(z.object({ ifname: z.string() }))

type Built = Link & { like: string }

let devices = 0

/** Builds what a namespace needs that is empty so far; `pid` is the worker's, which lives in it. */
export async function openNamespace(pid: number): Promise<Namespace> {
  const links = new Map<string, Built>()
  const lanes = new Map<number, Lane>()
  const pairs = new Map<string, number>()
  let listing = ''

  const inside = (program: string, args: readonly string[], input: string): Promise<string> => run('nsenter', [`--net=/proc/${pid}/ns/net`, program, ...args], { input, timeoutMs: 60_000 })
  const batch = async (family: '-4' | '-6', lines: readonly string[]): Promise<void> => {
    if (lines.length > 0) await inside('ip', [family, '-batch', '-'], `${lines.join('\n')}\n`)
  }
  const here = async (lines: readonly string[]): Promise<void> => {
    if (lines.length > 0) await run('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n` })
  }
  const listed = async (): Promise<string> => (await nft(['-t', 'list', 'table', 'netdev', table])) ?? ''

  async function relink(wanted: readonly Lane[], interfaces: readonly Interface[]): Promise<boolean> {
    const needed = new Set(wanted.map((lane) => lane.interface))
    const stale = [...links.values()].filter((link) => !needed.has(link.interface) || link.like !== likeness(link.interface, interfaces))
    const gone = await present()
    // The kernel takes the chains of a device along with it, and what routes over it.
    await here(stale.filter(({ device }) => gone.has(device)).map(({ device }) => `link del ${device}`))
    for (const link of stale) {
      links.delete(link.interface)
      await nft(['delete', 'chain', 'netdev', table, `to-${link.device}`])
      for (const lane of [...lanes.values()].filter((one) => one.interface === link.interface)) await dropLane(lane)
    }
    const missing = interfaces.filter(({ name }) => needed.has(name) && !links.has(name))
    for (const iface of missing) await addLink(iface)
    return stale.length + missing.length > 0
  }

  async function addLink(iface: Interface): Promise<void> {
    const device = probeDevice((devices += 1))
    const like = likeness(iface.name, [iface])
    await here([`link add ${device} mtu ${iface.mtu} type veth peer name ${device} mtu ${iface.mtu} address ${iface.mac} netns ${pid}`, `link set ${device} addrgenmode none up`])
    // Without ARP and multicast it says nothing of its own, which would go out under the name of the appliance.
    await batch('-4', [`link set ${device} arp off multicast off addrgenmode none`, `link set ${device} up`])
    await inside('nft', ['-f', '-'], insideLink({ interface: iface.name, device }))
    await nft(['-f', '-'], outsideLink({ interface: iface.name, device }))
    links.set(iface.name, { interface: iface.name, device, like })
  }

  async function addLane(lane: Lane, { device }: Link): Promise<void> {
    const family = familyOf(lane.source)
    const via = `via ${gateway[family]} dev ${device} onlink ${hops}`
    await batch(family === 'ipv6' ? '-6' : '-4', [
      `addr add ${lane.source}/${hostPrefix(lane.source)} dev ${device}${family === 'ipv6' ? ' nodad' : ''}`,
      `route add ${laneNetwork(lane)} ${via} src ${lane.source}`,
      `route add default ${via} table ${firstTable + lane.number}`,
      `rule add fwmark ${laneMark(lane)} lookup ${firstTable + lane.number}`,
    ])
    lanes.set(lane.number, lane)
  }

  async function dropLane(lane: Lane): Promise<void> {
    const link = links.get(lane.interface)
    const routes = link ? [`route del default table ${firstTable + lane.number}`, `route del ${laneNetwork(lane)}`, `addr del ${lane.source}/${hostPrefix(lane.source)} dev ${link.device}`] : []
    await batch(familyOf(lane.source) === 'ipv6' ? '-6' : '-4', [`rule del fwmark ${laneMark(lane)} lookup ${firstTable + lane.number}`, ...routes])
    lanes.delete(lane.number)
  }

  /** Counts how many ways need each pair; what comes back are those that are new or no longer needed. */
  function recount({ removed, added }: WayChanges): { removed: Pair[]; added: Pair[] } {
    const touched = new Map<string, { pair: Pair; before: number }>()
    const count = (way: NumberedWay, by: 1 | -1): void => {
      const key = `${way.vip} ${way.source}`
      const now = pairs.get(key) ?? 0
      if (!touched.has(key)) touched.set(key, { pair: way, before: now })
      if (now + by > 0) pairs.set(key, now + by)
      else pairs.delete(key)
    }
    added.forEach((way) => count(way, 1))
    removed.forEach((way) => count(way, -1))
    const changed = [...touched].filter(([key, { before }]) => before > 0 !== pairs.has(key))
    return { removed: changed.flatMap(([, { pair, before }]) => (before > 0 ? [pair] : [])), added: changed.flatMap(([, { pair, before }]) => (before > 0 ? [] : [pair])) }
  }

  await inside('nft', ['-f', '-'], insideFrame())
  await nft(['-f', '-'], outsideFrame())
  await batch('-4', ['link set lo up', 'route add unreachable 240.0.0.0/4'])

  return {
    follow: async (changes, interfaces) => {
      const relinked = await relink(changes.lanes, interfaces)
      const wanted = new Set(changes.lanes.map(({ number }) => number))
      for (const lane of [...lanes.values()].filter(({ number }) => !wanted.has(number))) await dropLane(lane)
      for (const lane of changes.lanes) {
        const link = links.get(lane.interface)
        if (link && !lanes.has(lane.number)) await addLane(lane, link)
      }
      const ways = insideWays(changes.removed, changes.added)
      if (ways !== '') await inside('nft', ['-f', '-'], ways)
      const { removed, added } = recount(changes)
      const answers = outsidePairs(removed, added)
      if (answers !== '') await nft(['-f', '-'], answers)
      if (relinked) listing = await listed()
    },
    isIntact: async () => (await listed()) === listing,
  }
}

/** Removes all that a namespace left in this one: its ends of the veth pairs and the table. */
export async function removeRemnants(): Promise<void> {
  await nft(['delete', 'table', 'netdev', table])
  const lines = [...(await present())].map((device) => `link del ${device}`)
  if (lines.length > 0) await run('ip', ['-force', '-batch', '-'], { input: `${lines.join('\n')}\n`, okCodes: [0, 1, 2] })
}

async function present(): Promise<Set<string>> {
  const list = deviceSchema.parse(JSON.parse((await run('ip', ['-j', 'link', 'show', 'type', 'veth'])) || '[]'))
  return new Set(list.map(({ ifname }) => ifname).filter(isProbeDevice))
}

/** What a link copies from its interface. */
function likeness(name: string, interfaces: readonly Interface[]): string {
  const iface = interfaces.find((one) => one.name === name)
  return iface ? `${iface.mac} ${iface.mtu}` : ''
}
