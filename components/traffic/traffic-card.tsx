import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { farmStatsQuery } from '#lib/client/queries.ts'
import type { Farm } from '#lib/domain/farm.ts'
import type { FarmStats } from '#lib/domain/stats.ts'
import { Card } from '#components/ui/card.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { Segmented } from '#components/ui/segmented.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { metricFacts, metricsOf, type Metric } from './metrics.ts'
import { TrafficChart } from './traffic-chart.tsx'
import { countText, siText, unitText } from './units.ts'
import { unsentLately } from './unsent.ts'

/** What the clients send to a farm: now, in all, and in the last 24 hours. */
export function TrafficCard({ farm }: { farm: Farm }) {
  const { data, error, dataUpdatedAt, refetch } = useQuery(farmStatsQuery(farm.name))
  const choices = metricsOf(farm.protocol)
  const [wanted, setMetric] = useState<Metric>('packets')
  const metric = choices.includes(wanted) ? wanted : 'packets'
  const chooser = <Segmented legend="Chart" hiddenLegend options={choices.map((value) => ({ value, label: metricFacts[value].label }))} value={metric} onChange={setMetric} />
  return (
    <Card title="Traffic" description="From clients to backends. Replies are not counted." actions={chooser}>
      {data ? (
        <div className="space-y-4">
          <Unsent stats={data} />
          <Now stats={data} counts={choices} />
          <TrafficChart points={data.history} metric={metric} now={dataUpdatedAt} />
        </div>
      ) : error ? (
        <FailureNotice error={error} onRetry={() => void refetch()} />
      ) : (
        <Skeleton className="h-64 w-full" />
      )}
    </Card>
  )
}

function Now({ stats: { rates, totals }, counts }: { stats: FarmStats; counts: readonly Metric[] }) {
  const facts = [
    ...(counts.includes('connections') ? [{ term: 'Connections begun', rate: rates && unitText(rates.connections, 'connections/s'), total: totals && siText(totals.connections) }] : []),
    { term: 'Packets', rate: rates && unitText(rates.packets, 'packets/s'), total: totals && siText(totals.packets) },
    { term: 'Data', rate: rates && unitText(rates.bits, 'bit/s'), total: totals && unitText(totals.bytes, 'B') },
  ]
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-2 md:grid-cols-3">
      {facts.map(({ term, rate, total }) => (
        <div key={term}>
          <dt className="text-xs text-ink-faint">{term}</dt>
          <dd className="nums text-base font-semibold text-ink">{rate ?? <span className="font-normal text-ink-faint">not known</span>}</dd>
          <dd className="nums text-xs text-ink-soft">{total ? `${total} in all` : '\u00a0'}</dd>
        </div>
      ))}
    </dl>
  )
}

function Unsent({ stats }: { stats: FarmStats }) {
  const packets = unsentLately(stats)
  if (packets === 0) return null
  return (
    <Notice tone="warning" title={`${countText(packets)} packets found no backend`}>
      In the last ten minutes they came for this farm while nobody was there to get them. See which of its backends are active, and why the others are not.
    </Notice>
  )
}
