import type { Status } from '#lib/domain/status.ts'
import type { FarmRow } from '#components/farms/farm-rows.ts'

const need: readonly Status[] = ['error', 'degraded', 'offline', 'draining', 'standby', 'unmonitored', 'online']

/** Order in which farms need a look: what is broken first, what works last. */
export function byNeed(a: FarmRow, b: FarmRow): number {
  return need.indexOf(a.status?.status ?? 'unmonitored') - need.indexOf(b.status?.status ?? 'unmonitored')
}
