import type { FarmStats } from '#lib/domain/stats.ts'

const lately = 600_000

/** Packets of the last ten minutes, before the newest look at the counters, that no backend could get. */
export function unsentLately({ at, history }: Pick<FarmStats, 'at' | 'history'>): number {
  if (at === null) return 0
  const newest = Date.parse(at)
  return history.filter((point) => Date.parse(point.at) > newest - lately).reduce((sum, point) => sum + point.unsent, 0)
}
