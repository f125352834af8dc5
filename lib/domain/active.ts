import type { Backend, Farm } from './farm.ts'

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
