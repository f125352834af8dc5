'use client'

import { useEffect } from 'react'
import Link from 'next/link'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Download, Stethoscope } from 'lucide-react'
import { doctorReportQuery, doctorRunsQuery } from '#lib/client/doctor-queries.ts'
import { toFailure } from '#lib/client/failure.ts'
import { urls } from '#lib/client/urls.ts'
import type { DoctorReport, DoctorRun } from '#lib/domain/doctor/run.ts'
import { actorText } from '#components/history/actor-text.ts'
import { places } from '#components/places.ts'
import { Button, buttonLook } from '#components/ui/button.tsx'
import { Card } from '#components/ui/card.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Skeleton, SkeletonRows } from '#components/ui/skeleton.tsx'
import { Time } from '#components/ui/time.tsx'
import { durationText, scopeText } from './doctor-words.ts'
import { FarmResults } from './farm-results.tsx'
import { RunProgress } from './run-progress.tsx'
import { RunSummary } from './run-summary.tsx'
import { useExamine } from './use-examine.ts'

const crumbs = [{ label: 'Doctor', href: places.doctor }]

/** One run: its result in a sentence, what is wrong, and everything that was seen. */
export function RunPage({ run: given }: { run: string }) {
  const id = /^\d{1,15}$/.test(given) ? Number(given) : null
  return id === null ? <NoSuchRun run={given} /> : <Loaded id={id} />
}

function Loaded({ id }: { id: number }) {
  const { data: report, error, refetch } = useQuery(doctorReportQuery(id))
  const live = useLiveRun(id, report, refetch)
  if (error && !report) return toFailure(error).status === 404 ? <NoSuchRun run={String(id)} /> : <FailureNotice error={error} onRetry={() => void refetch()} />
  if (!report) {
    return (
      <>
        <PageHeader title={`Run ${id}`} crumbs={crumbs} description={<Skeleton className="h-5 w-72" />} />
        <Card flush>
          <SkeletonRows rows={8} />
        </Card>
      </>
    )
  }
  const run = live ?? report
  return (
    <>
      <PageHeader title={`Run ${id}: ${scopeText(run.scope)}`} crumbs={crumbs} description={<Facts run={run} />} actions={<Actions run={run} />} />
      <div className="space-y-4">
        {run.state === 'running' ? (
          <Card flush>
            <RunProgress run={run} />
          </Card>
        ) : null}
        <RunSummary report={report} />
        <FarmResults farms={report.farms} />
      </div>
    </>
  )
}

/** The list of runs is light and so followed closely; the report is asked for again when the run has ended meanwhile. */
function useLiveRun(id: number, report: DoctorReport | undefined, refetch: () => unknown): DoctorRun | null {
  const { data } = useInfiniteQuery({ ...doctorRunsQuery, enabled: report?.state === 'running' })
  const listed = data?.pages.flatMap(({ items }) => items).find((run) => run.id === id)
  const ended = report?.state === 'running' && listed !== undefined && listed.state !== 'running'
  useEffect(() => {
    if (ended) refetch()
  }, [ended, refetch])
  return report?.state === 'running' && listed && !ended && listed.progress.done >= report.progress.done ? listed : null
}

function Facts({ run: { startedAt, endedAt, actor } }: { run: DoctorRun }) {
  return (
    <>
      Started <Time iso={startedAt} /> by {actorText(actor)}
      {endedAt ? <span className="nums"> · took {durationText(startedAt, endedAt)}</span> : null}
    </>
  )
}

function Actions({ run: { id, scope, state } }: { run: DoctorRun }) {
  const { examine, busy, whyNot } = useExamine()
  return (
    <>
      <a href={urls.doctorRun(id, true)} download className={buttonLook()}>
        <Download aria-hidden className="size-4" />
        Download JSON
      </a>
      <Button busy={busy} disabledReason={state === 'running' ? 'It is being examined now.' : whyNot} icon={<Stethoscope aria-hidden className="size-4" />} onClick={() => examine(scope)}>
        Examine again
      </Button>
    </>
  )
}

function NoSuchRun({ run }: { run: string }) {
  const action = (
    <Link href={places.doctor} className={buttonLook()}>
      All runs
    </Link>
  )
  return (
    <Card>
      <EmptyState icon={<Stethoscope aria-hidden className="size-5" />} title="There is no such run" action={action}>
        The doctor has no run {run}. Old runs are deleted after a while.
      </EmptyState>
    </Card>
  )
}
