import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeNamespaces } from '#scripts/run/namespaces.mjs'
import { command, inside, setSysctls } from './command.ts'
import { attach, type Nic } from './nic.ts'

/** Addresses of the lab. Documentation prefixes only: nothing here can be mistaken for, or reach, a real network. */
export const lan = { v4: '203.0.113', v6: '2001:db8:113:' } as const
export const outside = { v4: '198.51.100', v6: '2001:db8:51:' } as const

export type Machine = { name: string; namespace: string; nic: Nic }
export type Topology = {
  prefix: string
  client: Machine
  router: Machine
  lb: Machine
  backends: Machine[]
  /** A folder for this topology's files, removed with it. */
  folder: string
  /** Runs a program inside a machine and answers its standard output. */
  run: (machine: Machine, argv: readonly string[]) => Promise<string>
  remove: () => Promise<void>
}

export type TopologyOptions = {
  prefix: string
  backends: readonly string[]
  /** Where backends send their replies to clients: to the router (DSR, SNAT) or back through the appliance (DNAT). */
  replyThrough?: 'router' | 'lb'
}

/**
 * Builds   client ── router ── LAN {lb, backends}   out of namespaces. The LAN is a bridge in a namespace of its own, so that
 * nothing touches the host's network. Clients are in another subnet: replies really take another path than requests.
 */
export async function createTopology({ prefix, backends, replyThrough = 'router' }: TopologyOptions): Promise<Topology> {
  const folder = await mkdtemp(join(tmpdir(), `${prefix}lab-`))
  const remove = async (): Promise<void> => {
    removeNamespaces(prefix)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const lanSwitch = await addSwitch(`${prefix}lan`)
    const outsideSwitch = await addSwitch(`${prefix}out`)
    const routerNamespace = await addNamespace(`${prefix}router`)
    await setSysctls(routerNamespace, { 'net/ipv4/ip_forward': '1', 'net/ipv6/conf/all/forwarding': '1' })
    await attach(routerNamespace, 'eth1', outsideSwitch, addresses(outside, 1), [])
    const router = await machine('router', routerNamespace, lanSwitch, addresses(lan, 1), [])
    const lb = await machine('lb', await addNamespace(`${prefix}lb`), lanSwitch, addresses(lan, 2), gateways(lan, 1))
    const client = await machine('client', await addNamespace(`${prefix}client`), outsideSwitch, addresses(outside, 10), gateways(outside, 1))
    const gateway = gateways(lan, replyThrough === 'lb' ? 2 : 1)
    const servers: Machine[] = []
    for (const [index, name] of backends.entries()) {
      servers.push(await machine(name, await addNamespace(`${prefix}${name}`), lanSwitch, addresses(lan, backendHost(index)), gateway))
    }
    const run = (where: Machine, argv: readonly string[]): Promise<string> => command(inside(where.namespace, argv))
    return { prefix, client, router, lb, backends: servers, folder, run, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Last part of the address of the n-th backend: 21, 22, … */
export function backendHost(index: number): number {
  return 21 + index
}

export function addressV4(net: { v4: string }, host: number): string {
  return `${net.v4}.${host}`
}

export function addressV6(net: { v6: string }, host: number): string {
  return `${net.v6}:${host}`
}

function addresses(net: { v4: string; v6: string }, host: number): string[] {
  return [`${addressV4(net, host)}/24`, `${addressV6(net, host)}/64`]
}

function gateways(net: { v4: string; v6: string }, host: number): string[] {
  return [addressV4(net, host), addressV6(net, host)]
}

/** A namespace in which only lo is up. */
export async function addNamespace(name: string): Promise<string> {
  await command(['ip', 'netns', 'add', name])
  await command(['ip', '-n', name, 'link', 'set', 'lo', 'up'])
  return name
}

/** A namespace with a switch, into which cards are plugged by `attach`. */
export async function addSwitch(name: string): Promise<string> {
  await addNamespace(name)
  await command(['ip', '-n', name, 'link', 'add', 'br0', 'type', 'bridge', 'forward_delay', '0', 'mcast_snooping', '0'])
  await command(['ip', '-n', name, 'link', 'set', 'br0', 'up'])
  return name
}

async function machine(name: string, namespace: string, network: string, own: string[], gateway: string[]): Promise<Machine> {
  return { name, namespace, nic: await attach(namespace, 'eth0', network, own, gateway) }
}
