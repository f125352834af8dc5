import { rolesOf } from '#lib/domain/active.ts'
import { farmSchema, type AdminState, type Farm } from '#lib/domain/farm.ts'
import { renderFarm, type NftlbFarm } from '#lib/render/nftlb.ts'

/** The network of the load, RFC 2544's for benchmarks: VIPs in 198.18.0.0/16, backends in 198.19.0.0/16. */
export const network = { appliance: '198.18.0.1/15', whole: '198.18.0.0/15', backends: '198.19.0.0/16' } as const

/** Backends of a farm, and machines among which the farms share theirs: fewer than the 1,024 neighbours that a kernel has room for. */
const each = 10
const machines = 200

/** The n-th farm of the load: an address of its own, two ports, ten backends. */
export function loadFarm(index: number): Farm {
  return farmSchema.parse({ name: `farm-${index}`, vip: `198.18.${1 + (index >> 7)}.${1 + (index & 127)}`, ports: ['80', '443'], scheduler: 'maglev', backends: backendsOf(index, each) })
}

function backendsOf(farm: number, count: number): Array<{ name: string; address: string }> {
  return Array.from({ length: count }, (_, i) => ({ name: `web${i + 1}`, address: `198.19.0.${1 + ((farm * each + i) % machines)}` }))
}

/** What the engine gets for a farm when every backend answers with the same MAC. */
export function rendered(farm: Farm, appliance: string, backend: string): NftlbFarm {
  const macs = new Map(farm.backends.map(({ name }) => [name, backend]))
  return renderFarm(farm, { interface: { name: 'eth0', mac: appliance }, roles: rolesOf(farm, () => true), macs })
}

/** A change as the API takes it, and the farm that it leads to; null when it is gone. */
export type Step = { what: string; method: 'PUT' | 'DELETE'; path: string; body: unknown; farm: Farm | null }

const changing = loadFarm(9000)

/** The farm that changes, beside the load: from its creation to its end. */
export const steps: Step[] = [
  put('new farm', changing),
  adminState('drain a backend', 'draining'),
  adminState('enable it again', 'enabled'),
  put('another weight', withBackends({ weight: 2 }, each)),
  put('add a backend', withBackends({ weight: 2 }, each + 1)),
  put('remove a backend', withBackends({ weight: 2 }, each)),
  { what: 'delete the farm', method: 'DELETE', path: '', body: undefined, farm: null },
]

export const changingName = changing.name

function put(what: string, farm: Farm): Step {
  return { what, method: 'PUT', path: '', body: farm, farm }
}

function adminState(what: string, state: AdminState): Step {
  return { what, method: 'PUT', path: '/backends/web5/admin-state', body: { adminState: state }, farm: withBackends({ adminState: state }, each) }
}

/** The changing farm with so many backends, the fifth of them changed. */
function withBackends(change: object, count: number): Farm {
  return farmSchema.parse({ ...changing, backends: backendsOf(9000, count).map((backend) => (backend.name === 'web5' ? { ...backend, ...change } : backend)) })
}
