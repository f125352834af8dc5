import { z } from 'zod'
import { familyOf, hostPrefix } from '#lib/domain/address.ts'
import type { Interface } from '#lib/domain/interface.ts'
import { nft } from '../engine/nft.ts'
import { isProbeDevice, probeDevice } from '../links.ts'
import { run } from '../run.ts'
import { readLooped, type Looped } from './looped.ts'
import { insideFrame, insideLink, insideWays, outsideAnswers, outsideFrame, outsideLink, outsideUnlink, table, type Link } from './rules.ts'
import { openTally } from './tally.ts'
import { laneMark, laneNetwork, type Lane, type WayChanges } from './ways.ts'

/**
 * The network namespace that probes through VIPs start from: that of the worker, so that it vanishes with it. A veth pair per
 * interface leads out of it.
 */
export type Namespace = {
  /** Follows changes of ways and interfaces. After a failure the namespace is of no more use. */
  follow: (changes: WayChanges, interfaces: readonly Interface[]) => Promise<void>
  /** False when somebody else changed the table or took a device away. */
  isIntact: () => Promise<boolean>
  /** Probes that came back within the last minute. */
  looped: () => Promise<Looped[]>
  /** When links were made anew last, by performance.now(): what was under way is lost. */
  relinkedAt: () => number
}

/** The gateway of all routes inside. Nobody has this address: without ARP its MAC is made up, and the rules put the backend's in. */
const gateway = { ipv4: '169.254.0.1', ipv6: 'fe80::1' } as const

/** Enough for the network of containers on a backend, and for few rounds where the VIP is nobody's. */
const hops = 'hoplimit 4'

/** Routing tables of lanes: this and the lane's number. */
const firstTable = 1000

/** Time that one change may take, in ms: the kernel may be busy with thousands of farms. */
const patienceMs = 60_000

const deviceSchema = z.array(z.object({ ifname: z.string() }))

const nothing = { answers: [], quoted: [], own: [] }

let devices = 0

/** Builds what a namespace needs that is empty so far; `pid` is the worker's, which lives in it. What another one left is removed. */
export async function openNamespace(pid: number): Promise<Namespace> {
  const links = new Map<string, Link & { number: number; like: string }>()
  const lanes = new Map<number, Lane>()
  const tallies = { answers: openTally(), quoted: openTally(), own: openTally() }
  const routesBack = openTally()
  let listing = ''
  let relinkedAt = -Infinity
  let last: Promise<unknown> = Promise.resolve()

  const inside = (program: string, args: readonly string[], input: string): Promise<string> => run('nsenter', [`--net=/proc/${pid}/ns/net`, program, ...args], { input, timeoutMs: patienceMs })
  const batch = async (family: '-4' | '-6', lines: readonly string[]): Promise<void> => {
    if (lines.length > 0) await inside('ip', [family, '-batch', '-'], `${lines.join('\n')}\n`)
  }
  const listed = async (): Promise<string> => (await nft(['-t', 'list', 'table', 'netdev', table])) ?? ''

  async function addLink({ name, mac, mtu }: Interface): Promise<void> {
    const number = (devices += 1)
    const device = probeDevice(number)
    const link = { interface: name, device }
    await ip([`link add ${device} mtu ${mtu} type veth peer name ${device} mtu ${mtu} address ${mac} netns ${pid}`, `link set ${device} addrgenmode none up`])
    // Without ARP and multicast it says nothing of its own, which would go out under the name of the appliance.
    await batch('-4', [`link set ${device} arp off multicast off addrgenmode none`, `link set ${device} up`])
    await inside('nft', ['-f', '-'], insideLink(link))
    await outside(outsideLink(link))
    links.set(name, { ...link, number, like: `${mac} ${mtu}` })
    const own = tallies.own.all().filter((one) => one.endsWith(` ${name}`)).flatMap(ownOf)
    if (own.length > 0) await outside(outsideAnswers(nothing, { ...nothing, own }))
    await batch('-4', routesBack.all().flatMap((route) => (route.endsWith(` ${name}`) ? routeBack('add', route) : [])))
  }

  /**
   * The kernel takes answers over IPv4 only where a route leads back to their sender (rp_filter, which a new namespace has from the
   * machine). `route` is a VIP and the interface behind which it is; several interfaces differ by their metric.
   */
  function routeBack(verb: 'add' | 'del', route: string): string[] {
    const [vip = '', iface = ''] = route.split(' ')
    const link = links.get(iface)
    return link ? [`route ${verb} ${vip}/32 dev ${link.device} metric ${link.number}`] : []
  }

  /** An own address and the interface that it is asked from, as the tally has them; nothing where the link is gone, and its sets with it. */
  function ownOf(own: string): Array<{ address: string; device: string }> {
    const [address = '', iface = ''] = own.split(' ')
    const link = links.get(iface)
    return link ? [{ address, device: link.device }] : []
  }

  /** The kernel takes the routes of a device along with it. */
  async function dropLink(link: Link): Promise<void> {
    links.delete(link.interface)
    if ((await probeDevices()).includes(link.device)) await ip([`link del ${link.device}`])
    for (const command of outsideUnlink(link)) await nft(command)
    for (const lane of lanes.values()) if (lane.interface === link.interface) await dropLane(lane)
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

  /** True when links changed. A link whose interface is another one now is made anew. */
  async function relink(wanted: readonly Lane[], interfaces: readonly Interface[]): Promise<boolean> {
    const needed = interfaces.filter(({ name }) => wanted.some((lane) => lane.interface === name))
    const stale = [...links.values()].filter((link) => !needed.some(({ name, mac, mtu }) => name === link.interface && `${mac} ${mtu}` === link.like))
    for (const link of stale) await dropLink(link)
    const missing = needed.filter(({ name }) => !links.has(name))
    for (const iface of missing) await addLink(iface)
    return stale.length + missing.length > 0
  }

  async function relane(wanted: readonly Lane[]): Promise<void> {
    const numbers = new Set(wanted.map(({ number }) => number))
    for (const lane of lanes.values()) if (!numbers.has(lane.number)) await dropLane(lane)
    for (const lane of wanted) {
      const link = links.get(lane.interface)
      if (link && !lanes.has(lane.number)) await addLane(lane, link)
    }
  }

  async function changeElements({ removed, added }: WayChanges): Promise<void> {
    const ways = insideWays(removed, added)
    if (ways !== '') await inside('nft', ['-f', '-'], ways)
    for (const [list, verb] of [[removed, 'spare'], [added, 'need']] as const) {
      for (const { vip, source, interface: iface } of list) {
        if (familyOf(vip) === 'ipv4') routesBack[verb](`${vip} ${iface}`)
        tallies.answers[verb](`${vip} . ${source}`)
        tallies.quoted[verb](vip)
        tallies.own[verb](`${source} ${iface}`)
      }
    }
    const [answers, quoted, own] = [tallies.answers.changes(), tallies.quoted.changes(), tallies.own.changes()]
    const script = outsideAnswers({ answers: answers.removed, quoted: quoted.removed, own: own.removed.flatMap(ownOf) }, { answers: answers.added, quoted: quoted.added, own: own.added.flatMap(ownOf) })
    if (script !== '') await outside(script)
    const routes = routesBack.changes()
    await batch('-4', [...routes.removed.flatMap((route) => routeBack('del', route)), ...routes.added.flatMap((route) => routeBack('add', route))])
  }

  /** One thing at a time: the table in the middle of a change would look as if somebody else had changed it. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = last.then(work)
    last = mine.catch(() => undefined)
    return mine
  }

  await removeRemnants()
  await inside('nft', ['-f', '-'], insideFrame())
  await outside(outsideFrame())
  // A stand-in without a way is an error of the appliance, not of a backend.
  await batch('-4', ['link set lo up', 'route add blackhole 240.0.0.0/4'])
  listing = await listed()

  return {
    follow: (changes, interfaces) =>
      inTurn(async () => {
        const relinked = await relink(changes.lanes, interfaces)
        await relane(changes.lanes)
        await changeElements(changes)
        if (!relinked) return
        listing = await listed()
        relinkedAt = performance.now()
      }),
    isIntact: () => inTurn(async () => (await listed()) === listing),
    looped: readLooped,
    relinkedAt: () => relinkedAt,
  }
}

/** Removes all that namespaces left in this one: their ends of veth pairs, and the table. */
export async function removeRemnants(): Promise<void> {
  await nft(['delete', 'table', 'netdev', table])
  const devices = await probeDevices()
  // A namespace that vanishes just now takes its devices along.
  if (devices.length > 0) await run('ip', ['-force', '-batch', '-'], { input: devices.map((device) => `link del ${device}\n`).join(''), okCodes: [0, 1, 2] })
}

async function probeDevices(): Promise<string[]> {
  const list = deviceSchema.parse(JSON.parse((await run('ip', ['-j', 'link', 'show', 'type', 'veth'])) || '[]'))
  return list.map(({ ifname }) => ifname).filter(isProbeDevice)
}

async function outside(script: string): Promise<void> {
  await run('nft', ['-f', '-'], { input: script, timeoutMs: patienceMs })
}

async function ip(lines: readonly string[]): Promise<void> {
  await run('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n` })
}
