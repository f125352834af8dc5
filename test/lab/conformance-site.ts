import { dryRunReplySchema } from '#lib/domain/replies.ts'
import type { Step } from '#lib/domain/plan.ts'
import type { Protocol, Packet } from './conformance-frames.ts'
import { openWire } from './conformance-wire.ts'
import { openSite, type Site } from './fixture.ts'
import { addressV4, backendHost, lan } from './topology.ts'

/** Where to packets of clients are put: `to` is the appliance's MAC unless something else is said. */
export type Target = { vip: string; port?: number; protocol?: Protocol; clients?: number; to?: string }

/** Which backend got the packet of which client, by the client's port. Clients whose packet went nowhere are missing. */
export type Flows = ReadonlyMap<number, string>

export type Conformance = Site & {
  /** First packets of new connections, one of each client, and where the appliance sent them. */
  flows: (target: Target) => Promise<Flows>
  /** The steps that a change would take, by the API's dry run. */
  steps: (method: 'PATCH' | 'PUT', path: string, body: unknown) => Promise<Step[]>
  nft: (...args: string[]) => Promise<string>
}

/** The two engines and the scheduler by which a farm asks for each. */
export const engines = [
  ['native', 'maglev'],
  ['nftlb', 'symhash'],
] as const

const firstClient = 10_000

/** A site with a wire: frames are put before the appliance, and seen where they leave it. */
export async function openConformance(names: readonly string[]): Promise<Conformance> {
  const site = await openSite({ backends: names, ports: [80, 81] })
  const { topology, appliance } = site
  const wire = await openWire(topology.router, topology.lb, topology.folder)
  const byMac = new Map(topology.backends.map(({ name, nic }) => [nic.mac, name]))
  return {
    ...site,
    flows: async ({ vip, port = 80, protocol = 'tcp', clients = 400, to = topology.lb.nic.mac }) => {
      const packets = Array.from({ length: clients }, (_, index): Packet => ({ to, vip, protocol, port, clientPort: firstClient + index }))
      const seen = await wire.through(packets)
      const strange = seen.find((one) => one.vip !== vip || one.port !== port || one.from !== topology.lb.nic.mac || !byMac.has(one.to))
      if (strange) throw new Error(`A frame that nobody sent left the appliance: ${JSON.stringify(strange)}`)
      return new Map(seen.map((one) => [one.clientPort, byMac.get(one.to) ?? '']))
    },
    steps: async (method, path, body) => {
      const { status, body: answer } = await appliance.api.call(method, `${path}?dryRun=true`, body, { 'if-match': '*', ...(method === 'PATCH' ? { 'content-type': 'application/merge-patch+json' } : {}) })
      if (status !== 200) throw new Error(`The dry run was answered with ${status}: ${JSON.stringify(answer)}`)
      return dryRunReplySchema.parse(answer).plan?.steps ?? []
    },
    nft: (...args) => topology.run(topology.lb, ['nft', ...args]),
    remove: async () => {
      wire.close()
      await site.remove()
    },
  }
}

/** IPv4 backends with these names, as the API takes them. */
export function pool(all: readonly string[], some: readonly string[] = all, changes: Record<string, object> = {}): Array<{ name: string; address: string }> {
  return some.map((name) => ({ name, address: addressV4(lan, backendHost(all.indexOf(name))), ...changes[name] }))
}

/** Clients per backend. */
export function shares(flows: Flows): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of flows.values()) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

/** The backends that get new clients, by name. */
export function receivers(flows: Flows): string[] {
  return Object.keys(shares(flows)).sort()
}

/** The share of clients that meet another backend than before, of those that met one before. */
export function movedShare(before: Flows, after: Flows): number {
  return [...before].filter(([client, name]) => after.get(client) !== name).length / before.size
}
