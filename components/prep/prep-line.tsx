import Link from 'next/link'
import type { PrepState } from '#lib/prep/state.ts'
import { places } from '#components/places.ts'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { PrepStatusIcon } from './prep-status.tsx'
import { summaryOf } from './prep-words.ts'

/** How far the backends of a farm are prepared, as one line that leads to the backend that needs it most. */
export function PrepLine({ farm, states }: { farm: string; states: readonly PrepState[] | null }) {
  if (states === null) return <Skeleton className="h-5 w-72 max-w-full" />
  const summary = summaryOf(states)
  if (!summary) return null
  const alarm = summary.status === 'failed' || summary.status === 'stale'
  return (
    <span className="flex items-start gap-1.5">
      <span className="mt-0.5">
        <PrepStatusIcon status={summary.status} />
      </span>
      <span className="min-w-0">
        Preparation:{' '}
        <Link href={places.prepare(farm, summary.backend ?? undefined)} className={`rounded-sm underline decoration-line-strong underline-offset-2 hover:decoration-current ${alarm ? 'font-medium text-ink' : ''}`}>
          {summary.text}
        </Link>
      </span>
    </span>
  )
}
