import Link from 'next/link'
import { useQuery } from '@tanstack/react-query'
import { Stethoscope } from 'lucide-react'
import { farmDoctorQuery } from '#lib/client/doctor-queries.ts'
import type { FarmDoctor as Answer } from '#lib/domain/doctor/run.ts'
import { places } from '#components/places.ts'
import { agoText } from '#components/ui/ago.ts'
import { Button } from '#components/ui/button.tsx'
import { Card } from '#components/ui/card.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { SkeletonRows } from '#components/ui/skeleton.tsx'
import { useNow } from '#components/ui/use-now.ts'
import { findingsOf, summaryText } from './doctor-words.ts'
import { FindingList } from './finding-list.tsx'
import { Matrix } from './matrix.tsx'
import { RunProgress } from './run-progress.tsx'
import { useExamine } from './use-examine.ts'

/** The newest of what the doctor found at one farm, and the way to ask anew. */
export function FarmDoctor({ farm }: { farm: string }) {
  const { data, error, refetch } = useQuery(farmDoctorQuery(farm))
  if (error && !data) return <FailureNotice error={error} onRetry={() => void refetch()} />
  if (!data) {
    return (
      <Card flush>
        <SkeletonRows rows={6} />
      </Card>
    )
  }
  return <Found answer={data} />
}

function Found({ answer: { farm, running, last, backends, lan } }: { answer: Answer }) {
  const now = useNow()
  const { examine, busy, whyNot } = useExamine()
  const reason = backends.length === 0 ? 'This farm has no backends.' : running ? 'It is being examined now.' : whyNot
  const button = (
    <Button tone="primary" busy={busy} disabledReason={reason} icon={<Stethoscope aria-hidden className="size-4" />} onClick={() => examine({ farm, backend: null })}>
      Examine {farm}
    </Button>
  )
  const rows = backends.flatMap(({ seen }) => (seen ? [{ row: seen.row, note: seen.run === last?.run ? null : agoText(seen.at, now) }] : []))
  const unseen = backends.filter(({ seen }) => seen === null).map(({ backend }) => backend)
  const findings = findingsOf([{ farm, at: '', trouble: null, rows: rows.map(({ row }) => row), lan }])
  const counts = { backends: rows.length, healthy: rows.filter(({ row }) => row.findings.length === 0).length, findings: findings.length }
  const progress = running ? (
    <div className="border-b border-line last:border-b-0">
      <RunProgress run={running} link={<RunLink run={running.id} />} />
    </div>
  ) : null
  if (!last) {
    return (
      <Card flush>
        {progress}
        <EmptyState icon={<Stethoscope aria-hidden className="size-5" />} title={`${farm} was not examined yet`} action={button}>
          The doctor asks each backend over the network what clients would, and says what is wrong and how to mend it. It takes some seconds and touches neither traffic nor the backends.
        </EmptyState>
      </Card>
    )
  }
  return (
    <div className="space-y-4">
      <p role="status" className="sr-only">
        {running ? '' : `Run ${last.run}: ${summaryText(counts)}.`}
      </p>
      <Card
        title={summaryText(counts)}
        description={
          <>
            <span title={last.at}>Examined {agoText(last.at, now)}</span> in <RunLink run={last.run} />
          </>
        }
        actions={button}
        flush
      >
        {progress}
        {last.trouble === null ? null : (
          <div className="border-b border-line p-4 last:border-b-0">
            <Notice tone="warning" title="The last examination did not succeed">
              {last.trouble} {rows.length > 0 ? 'What is below was found before.' : ''}
            </Notice>
          </div>
        )}
        {rows.length > 0 ? <Matrix farm={farm} rows={rows} /> : null}
        {unseen.length > 0 ? <p className="border-t border-line px-4 py-2.5 text-sm [overflow-wrap:anywhere] text-ink-soft">Not examined yet: {unseen.join(', ')}.</p> : null}
      </Card>
      {findings.length > 0 ? (
        <Card title="Findings" flush>
          <FindingList findings={findings} here={farm} />
        </Card>
      ) : null}
    </div>
  )
}

function RunLink({ run }: { run: number }) {
  return (
    <Link href={places.doctorRun(run)} className="rounded-sm text-accent underline underline-offset-2">
      run {run}
    </Link>
  )
}
