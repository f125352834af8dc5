'use client'

import Link from 'next/link'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Stethoscope } from 'lucide-react'
import { doctorRunsQuery } from '#lib/client/doctor-queries.ts'
import { places } from '#components/places.ts'
import { Card } from '#components/ui/card.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { MoreButton } from '#components/ui/more-button.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { SkeletonRows } from '#components/ui/skeleton.tsx'
import { summaryText } from './doctor-words.ts'
import { ExamineForm } from './examine-form.tsx'
import { RunProgress } from './run-progress.tsx'
import { RunTable } from './run-table.tsx'
import { ScheduleCard } from './schedule-card.tsx'

/** Starts the doctor, shows how far it is, what it found before, and when it comes by itself. */
export function DoctorPage() {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(doctorRunsQuery)
  const runs = data?.pages.flatMap((page) => page.items)
  const running = runs?.filter(({ state }) => state === 'running') ?? []
  const last = runs?.[0]
  return (
    <>
      <p role="status" className="sr-only">
        {last && running.length === 0 ? `Run ${last.id}: ${summaryText(last.counts)}.` : ''}
      </p>
      <PageHeader title="Doctor" description="Finds out over the wire why a backend does not work." />
      <div className="space-y-4">
        <div className="grid gap-4 xl:grid-cols-2">
          <ExamineForm running={running} />
          <ScheduleCard />
        </div>
        {running.length > 0 ? (
          <Card title="Under way" flush>
            <div className="divide-y divide-line">
              {running.map((run) => (
                <RunProgress
                  key={run.id}
                  run={run}
                  link={
                    <Link href={places.doctorRun(run.id)} className="rounded-sm text-accent underline underline-offset-2">
                      See what run {run.id} has found
                    </Link>
                  }
                />
              ))}
            </div>
          </Card>
        ) : null}
        {error && !runs ? (
          <FailureNotice error={error} onRetry={() => void refetch()} />
        ) : (
          <Card title="Runs" flush>
            {!runs ? (
              <SkeletonRows />
            ) : runs.length === 0 ? (
              <EmptyState icon={<Stethoscope aria-hidden className="size-5" />} title="Nothing was examined yet">
                Every run is kept here for a while, with what it found.
              </EmptyState>
            ) : (
              <RunTable runs={runs} />
            )}
            <MoreButton shown={hasNextPage} busy={isFetchingNextPage} onMore={() => void fetchNextPage()} />
          </Card>
        )}
      </div>
    </>
  )
}
