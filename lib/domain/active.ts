import { monitorOf, type Backend, type Farm } from './farm.ts'
import { lastHealthy, type Fallen } from './health.ts'

/** What the kernel does with a backend: `active` gets new clients, `resting` keeps its old ones only, `out` gets nothing. */
export type Role = 'active' | 'resting' | 'out'

/**
 * The role of each backend by name. Of the enabled and usable backends those with the lowest priority number are active;
 * the others stand by. Draining and standby backends rest: clients that a persistence table remembers may finish.
 */
export function rolesOf(farm: Farm, usable: (backend: Backend) => boolean): Map<string, Role> {
  const candidates = farm.backends.filter((backend) => backend.adminState === 'enabled' && usable(backend))
  const tier = Math.min(...candidates.map((backend) => backend.priority))
  return new Map(
    farm.backends.map((backend) => {
      if (backend.adminState === 'disabled' || !usable(backend)) return [backend.name, 'out']
      if (backend.adminState === 'enabled' && backend.priority === tier) return [backend.name, 'active']
      return [backend.name, 'resting']
    }),
  )
}

/**
 * The unhealthy backends that are taken out. When nobody else could be reached, it may well be the monitor that is wrong: unless it is
 * told to eject them, the farm keeps those that failed last (`kept`), and those that drain keep their clients. The first that answers
 * again is not left alone with all clients: those that are spared serve on beside it.
 */
export function ejectedOf(farm: Farm, reachable: (backend: Backend) => boolean, fallen: ReadonlyMap<string, Fallen>): { out: ReadonlySet<string>; kept: string[] } {
  const unhealthy = new Map(farm.backends.flatMap((backend) => (monitorOf(farm, backend) ? entryOf(fallen, backend.name) : [])))
  const serving = farm.backends.filter((backend) => backend.adminState === 'enabled' && reachable(backend)).map(({ name }) => name)
  const none = serving.length > 0 && serving.every((name) => unhealthy.has(name))
  if (farm.whenAllUnhealthy === 'eject') return { out: new Set(unhealthy.keys()), kept: [] }
  const alone = farm.backends.every((backend) => !serving.includes(backend.name) || monitorOf(farm, backend))
  const spared = (name: string): boolean => alone && unhealthy.get(name)?.spared === true
  if (!none) return { out: new Set([...unhealthy.keys()].filter((name) => !spared(name))), kept: [] }
  const kept = lastHealthy(new Map(serving.flatMap((name) => entryOf(unhealthy, name))))
  const all = serving.filter((name) => kept.has(name) || spared(name))
  return { out: new Set(serving.filter((name) => !all.includes(name))), kept: all }
}

function entryOf(fallen: ReadonlyMap<string, Fallen>, name: string): Array<[string, Fallen]> {
  const found = fallen.get(name)
  return found ? [[name, found]] : []
}
