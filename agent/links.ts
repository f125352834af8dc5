import { z } from 'zod'
import { hostPrefix } from '#lib/domain/address.ts'
import type { Interface } from '#lib/domain/interface.ts'
import type { Log } from './log.ts'
import { run, runForever } from './run.ts'

const linkSchema = z.array(
  z.object({
    ifname: z.string(),
    flags: z.array(z.string()).default([]),
    mtu: z.int().default(1500),
    link_type: z.string().default('ether'),
    address: z.string().default(''),
    addr_info: z.array(z.object({ family: z.string().default(''), local: z.string().default(''), prefixlen: z.int().default(0), scope: z.string().default(''), dadfailed: z.boolean().default(false) })).default([]),
  }),
)

/** An address as the kernel has it. `duplicate`: another machine answered for it (`dadfailed`), so the kernel does not use it (RFC 4862, 5.4.5). */
export type Placed = { interface: string; address: string; prefix: number; duplicate: boolean }

export type Links = { interfaces: Interface[]; placed: Placed[] }

/** The agent's own devices lead to the namespace that probes start from: they are no interfaces of the machine. */
export function probeDevice(number: number): string {
  return `tgprobe${number}`
}

export function isProbeDevice(name: string): boolean {
  return /^tgprobe\d+$/.test(name)
}

/** Reads the machine's Ethernet interfaces and all their global addresses. */
export async function readLinks(): Promise<Links> {
  const links = linkSchema.parse(JSON.parse((await run('ip', ['-j', 'addr', 'show'])) || '[]')).filter((link) => link.link_type === 'ether' && !isProbeDevice(link.ifname))
  const placed = links.flatMap((link) => link.addr_info.filter(({ scope }) => scope === 'global').map(({ local, prefixlen, dadfailed }) => ({ interface: link.ifname, address: local, prefix: prefixlen, duplicate: dadfailed })))
  const interfaces = links.map((link) => ({
    name: link.ifname,
    mac: link.address,
    up: link.flags.includes('UP') && !link.flags.includes('NO-CARRIER'),
    mtu: link.mtu,
    addresses: placed.filter((one) => one.interface === link.ifname).map(({ address, prefix }) => ({ address, prefix })),
  }))
  return { interfaces, placed }
}

/**
 * True when every farm must be looked at again: an interface or one of its subnets changed, or an address that the agent
 * added (`isOurs`) is gone. VIPs that come and go with their farms are no reason.
 */
export function concernsAll(before: Links, after: Links, isOurs: (placed: Placed) => boolean): boolean {
  const own = ({ interfaces }: Links): string => JSON.stringify(interfaces.map((iface) => ({ ...iface, addresses: iface.addresses.filter((one) => one.prefix < hostPrefix(one.address)) })))
  const placed = new Set(after.placed.map(keyOf))
  return own(before) !== own(after) || before.placed.some((one) => isOurs(one) && !placed.has(keyOf(one)))
}

/** The interfaces that are up now and were not before. */
export function cameUp(before: Links, after: Links): string[] {
  return after.interfaces.filter(({ name, up }) => up && before.interfaces.some((iface) => iface.name === name && !iface.up)).map(({ name }) => name)
}

function keyOf({ address, interface: iface, prefix }: Placed): string {
  return `${address}/${prefix} ${iface}`
}

export type NetworkEvents = { links: () => void; neighbour: (line: string) => void; resync: () => void }

/**
 * Follows the kernel's link, address and neighbour events with one `ip monitor`. When that ends, events were missed:
 * it is started again after a second and `resync` is called.
 */
export function watchNetwork(log: Log, events: NetworkEvents): () => void {
  let stopped = false
  let stop = (): void => undefined
  const begin = (): void => {
    const monitor = runForever('ip', ['-o', 'monitor', 'label', 'link', 'address', 'neigh'], {
      line: (line) => {
        if (line.startsWith('[NEIGH]')) events.neighbour(line.slice('[NEIGH]'.length))
        else if (line.startsWith('[LINK]') || line.startsWith('[ADDR]')) events.links()
      },
      exit: (reason) => {
        if (stopped) return
        log.warn({ reason }, 'ip monitor ended, starting it again')
        setTimeout(() => {
          if (stopped) return
          begin()
          events.resync()
        }, 1000)
      },
    })
    stop = monitor.stop
  }
  begin()
  return () => {
    stopped = true
    stop()
  }
}
