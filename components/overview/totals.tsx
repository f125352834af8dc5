import type { ReactNode } from 'react'
import type { SystemStatus } from '#lib/domain/replies.ts'
import { Skeleton } from '#components/ui/skeleton.tsx'

/** The appliance in four numbers. */
export function Totals({ status }: { status: SystemStatus | null }) {
  const farms = status?.farms ?? []
  const online = farms.filter((farm) => farm.status === 'online').length
  const active = farms.reduce((sum, farm) => sum + farm.active, 0)
  const total = farms.reduce((sum, farm) => sum + farm.total, 0)
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line shadow-raised lg:grid-cols-4">
      <Total label="Farms online" ready={status !== null} value={`${online}`} of={`of ${farms.length}`} />
      <Total label="Backends active" ready={status !== null} value={`${active}`} of={`of ${total}`} />
      <Total label="Faults" ready={status !== null} value={`${status?.faults.length ?? 0}`} of={critical(status)} />
      <Total label="Generation" ready={status !== null} value={`${status?.generation ?? 0}`} of={applied(status)} />
    </dl>
  )
}

function critical(status: SystemStatus | null): string {
  const count = status?.faults.filter((fault) => fault.severity === 'critical').length ?? 0
  return count > 0 ? `${count} critical` : 'none critical'
}

function applied(status: SystemStatus | null): ReactNode {
  if (!status) return ''
  if (!status.pending) return 'applied'
  return status.appliedGeneration === null ? 'not applied yet' : `${status.appliedGeneration} applied`
}

function Total({ label, value, of, ready }: { label: string; value: string; of: ReactNode; ready: boolean }) {
  return (
    <div className="bg-surface px-4 py-3">
      <dt className="text-xs text-ink-faint">{label}</dt>
      <dd className="nums flex h-8 items-baseline gap-1.5">
        {ready ? (
          <>
            <span className="text-xl font-semibold tracking-tight text-ink">{value}</span>
            <span className="truncate text-sm text-ink-faint">{of}</span>
          </>
        ) : (
          <Skeleton className="mt-1.5 h-5 w-20" />
        )}
      </dd>
    </div>
  )
}
