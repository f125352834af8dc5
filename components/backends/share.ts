import type { Farm } from '#lib/domain/farm.ts'
import type { FarmStats } from '#lib/domain/stats.ts'
import type { FarmStatus } from '#lib/domain/status.ts'
import { percentText, unitText } from '#components/traffic/units.ts'

/** What a backend gets, in words: its part of the packets now, the part that its weight gives it, and its totals. Null where it is not known. */
export type Share = { now: string | null; byWeight: string | null; packets: string | null; bytes: string | null }

/** The share of every backend. Weights count among the active ones alone; round robin gives each the same. */
export function sharesOf(farm: Farm, status: FarmStatus | null, stats: Pick<FarmStats, 'backends'> | null): Map<string, Share> {
  const active = new Set(status?.backends.filter((backend) => backend.active).map(({ name }) => name))
  const weightOf = ({ name, weight }: Farm['backends'][number]): number => (!active.has(name) ? 0 : farm.scheduler === 'round-robin' ? 1 : weight)
  const weights = farm.backends.reduce((sum, backend) => sum + weightOf(backend), 0)
  const rate = stats?.backends.reduce((sum, backend) => sum + (backend.rates?.packets ?? 0), 0) ?? 0
  return new Map(
    farm.backends.map((backend) => {
      const { rates = null, totals = null } = stats?.backends.find(({ name }) => name === backend.name) ?? {}
      return [
        backend.name,
        {
          now: rates && percentText(rates.packets, rate),
          byWeight: active.has(backend.name) ? percentText(weightOf(backend), weights) : null,
          packets: totals && unitText(totals.packets, 'packets'),
          bytes: totals && unitText(totals.bytes, 'B'),
        },
      ]
    }),
  )
}
