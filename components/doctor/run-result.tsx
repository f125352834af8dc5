import { CircleCheck, CircleSlash, LoaderCircle, TriangleAlert } from 'lucide-react'
import type { DoctorRun } from '#lib/domain/doctor/run.ts'
import { farmCount, summaryText } from './doctor-words.ts'

/** What came out of a run, in one line. */
export function RunResult({ run }: { run: DoctorRun }) {
  const { icon: Icon, ink } = look(run)
  return (
    <span className="inline-flex items-start gap-1.5">
      <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${ink}`} />
      <span className="min-w-0">{words(run)}</span>
    </span>
  )
}

function look({ state, counts }: DoctorRun): { icon: typeof CircleCheck; ink: string } {
  if (state === 'running') return { icon: LoaderCircle, ink: 'text-accent' }
  if (counts.findings > 0) return { icon: TriangleAlert, ink: 'text-warn' }
  if (state === 'interrupted' || counts.backends === 0) return { icon: CircleSlash, ink: 'text-ink-faint' }
  return { icon: CircleCheck, ink: 'text-ok' }
}

function words({ state, counts, progress: { done, total } }: DoctorRun): string {
  if (state === 'running') return `Running: ${done} of ${farmCount(total)}`
  const result = summaryText(counts)
  return state === 'interrupted' ? `Interrupted after ${done} of ${farmCount(total)}. ${result}` : result
}
