import type { ReactNode } from 'react'
import type { DoctorRun } from '#lib/domain/doctor/run.ts'
import { actorText } from '#components/history/actor-text.ts'
import { Progress } from '#components/ui/progress.tsx'
import { Time } from '#components/ui/time.tsx'
import { farmCount, findingCount, scopeText } from './doctor-words.ts'

/** How far a run is that is under way. */
export function RunProgress({ run: { scope, progress, counts, actor, startedAt }, link }: { run: DoctorRun; link?: ReactNode }) {
  const words = `Examining ${scopeText(scope)}`
  return (
    <div role="group" aria-label={words} className="space-y-1.5 px-4 py-3">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 text-sm">
        <p className="min-w-0 font-medium [overflow-wrap:anywhere] text-ink">{words}</p>
        <p className="nums text-ink-soft">
          {progress.done.toLocaleString('en')} of {farmCount(progress.total)} · {findingCount(counts.findings)} so far
        </p>
      </div>
      <Progress label={words} value={progress.done} max={progress.total} />
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 text-xs text-ink-faint">
        <p>
          Started <Time iso={startedAt} /> by {actorText(actor)}. It goes on when you leave.
        </p>
        {link}
      </div>
    </div>
  )
}
