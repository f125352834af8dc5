import type { DoctorReport } from '#lib/domain/doctor/run.ts'
import { Notice, type NoticeTone } from '#components/ui/notice.tsx'
import { farmCount, findingsOf, summaryText } from './doctor-words.ts'

/** The result of a run in one sentence, said aloud when the run ends; nothing while it is under way. */
export function RunSummary({ report }: { report: DoctorReport }) {
  const { state, counts, progress, farms } = report
  const troubled = farms.filter(({ trouble }) => trouble !== null).length
  const text = `${summaryText(counts, troubled)}.`
  return (
    <>
      <p role="status" className="sr-only">
        {state === 'running' ? '' : text}
      </p>
      {state === 'running' ? null : (
        <Notice tone={toneOf(report)} title={text}>
          {state === 'interrupted' ? `The console ended after ${progress.done} of ${farmCount(progress.total)}. What was found until then is here; examine again for the rest.` : null}
        </Notice>
      )}
    </>
  )
}

function toneOf({ state, farms }: DoctorReport): NoticeTone {
  const findings = findingsOf(farms)
  if (findings.some(({ finding }) => finding.severity === 'critical')) return 'danger'
  if (findings.some(({ finding }) => finding.severity === 'warning') || farms.some(({ trouble }) => trouble !== null)) return 'warning'
  return state === 'interrupted' || findings.length > 0 ? 'info' : 'ok'
}
