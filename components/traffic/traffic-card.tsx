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
import { countText, unitText } from './units.ts'
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
    ...(counts.includes('connections') ? [{ term: 'Connections begun', value: rates && unitText(rates.connections, 'connections/s') }] : []),
    { term: 'Packets', value: rates && unitText(rates.packets, 'packets/s') },
    { term: 'Data', value: rates && unitText(rates.bits, 'bit/s') },
    { term: 'Since it is in the kernel', value: totals && `${unitText(totals.packets, 'packets')}, ${unitText(totals.bytes, 'B')}` },
  ]
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-2 sm:flex sm:gap-x-10">
      {facts.map(({ term, value }) => (
        <div key={term} className="sm:min-w-32">
          <dt className="text-xs text-ink-faint">{term}</dt>
          <dd className="nums text-base font-semibold text-ink">{value ?? <span className="font-normal text-ink-faint">not known</span>}</dd>
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
      In the last ten minutes they came for this farm and no backend could get them. They count here while no backend is active, or while its MAC address is not known.
    </Notice>
  )
}
