import type { PrepState } from '#lib/prep/state.ts'
import { PrepStatusIcon } from './prep-status.tsx'
import { summaryOf } from './prep-words.ts'

/** How far the backends of a farm are prepared, as a mark beside a label; nothing until it is known. */
export function PrepMark({ states }: { states: readonly PrepState[] | null }) {
  const summary = states && summaryOf(states)
  if (!summary) return null
  return (
    <>
      <PrepStatusIcon status={summary.status} />
      <span className="sr-only">: {summary.text}</span>
    </>
  )
}
