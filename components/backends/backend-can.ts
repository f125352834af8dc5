import type { AdminState, Farm } from '#lib/domain/farm.ts'

type BackendState = Pick<Farm['backends'][number], 'name' | 'adminState'>

const already: Record<AdminState, string> = { enabled: 'is enabled already', draining: 'is draining already', disabled: 'is disabled already' }

/** Why the admin state of a backend cannot be set to `wanted`; null when it can. */
export function whyNot(backend: BackendState, wanted: AdminState): string | null {
  if (backend.adminState === wanted) return `${backend.name} ${already[wanted]}.`
  if (wanted === 'draining' && backend.adminState === 'disabled') return `${backend.name} is disabled: it has no clients left that could finish.`
  return null
}
