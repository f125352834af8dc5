import Link from 'next/link'
import { useInfiniteQuery } from '@tanstack/react-query'
import { doctorRunsQuery } from '#lib/client/doctor-queries.ts'
import { places } from '#components/places.ts'
import { agoText } from '#components/ui/ago.ts'
import { Card } from '#components/ui/card.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { useNow } from '#components/ui/use-now.ts'
import { scopeTitle } from './doctor-words.ts'
import { RunResult } from './run-result.tsx'

const linkLook = 'rounded-sm text-accent underline underline-offset-2'

/** The last run of the doctor in one line. */
export function DoctorCard() {
  const { data, error, refetch } = useInfiniteQuery(doctorRunsQuery)
  const now = useNow()
  const run = data?.pages[0]?.items[0]
  return (
    <Card
      title="Doctor"
      actions={
        <Link href={places.doctor} className={`text-sm ${linkLook}`}>
          Open the doctor
        </Link>
      }
    >
      {run ? (
        <div className="nums flex flex-wrap justify-between gap-x-4 gap-y-0.5 text-sm">
          <RunResult run={run} />
          <p className="text-ink-soft">
            {scopeTitle(run.scope)}, <span title={run.startedAt}>{agoText(run.startedAt, now)}</span>, in{' '}
            <Link href={places.doctorRun(run.id)} className={linkLook}>
              run {run.id}
            </Link>
          </p>
        </div>
      ) : data ? (
        <p className="text-sm text-ink-soft">Nothing was examined yet.</p>
      ) : error ? (
        <FailureNotice error={error} onRetry={() => void refetch()} />
      ) : (
        <Skeleton className="h-5 w-80 max-w-full" />
      )}
    </Card>
  )
}
