import type { ReactNode } from 'react'
import { LoaderCircle } from 'lucide-react'
import type { Verdict } from '#lib/prep/finding.ts'
import type { PrepState, Verification } from '#lib/prep/state.ts'
import { actorText } from '#components/history/actor-text.ts'
import { agoText } from '#components/ui/ago.ts'
import { Disclosure } from '#components/ui/disclosure.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { Time } from '#components/ui/time.tsx'
import { CheckItems } from './check-items.tsx'

/** What the last check of one machine found: what failed first, then notes; what passed is folded away. */
export function PrepResult({ state: { backend, verification }, waiting, now }: { state: PrepState; waiting: boolean; now: number }) {
  const of = (verdict: Verdict) => verification?.items.filter((item) => item.verdict === verdict) ?? []
  const passed = of('ok')
  const found = verification ? finding(verification) : waiting ? `Waiting for the check of ${backend}. It appears here by itself.` : `No check of ${backend} has come yet.`
  return (
    <div className="space-y-3">
      {/* Said aloud once, and not again with every minute that has passed since. */}
      <p role="status" className="sr-only">
        {verification ? `${backend}: ${found}` : ''}
      </p>
      {verification ? <Summary verification={verification} found={found} now={now} /> : <Missing waiting={waiting}>{found}</Missing>}
      <CheckItems label="Failed checks" items={of('fail')} />
      <CheckItems label="Notes" items={of('warn')} />
      {passed.length > 0 ? (
        <Disclosure title={passed.length === 1 ? '1 check passed' : `${passed.length} checks passed`}>
          <CheckItems label="Passed checks" items={passed} />
        </Disclosure>
      ) : null}
    </div>
  )
}

function finding({ items, passed, open, changes }: Verification): string {
  if (changes.length > 0) return 'Run the script again, then check: it changed since the last check.'
  if (open.length > 0) return 'Nothing failed, but there are open points.'
  return passed ? 'Everything that must be right is right.' : `${items.filter(({ verdict }) => verdict === 'fail').length} of ${items.length} checks failed.`
}

function Summary({ verification, found, now }: { verification: Verification; found: string; now: number }) {
  const { items, passed, open, changes, by, receivedAt, checkedAt } = verification
  // What the check could not tell stands below among its notes.
  const missing = open.filter((point) => !items.some(({ text }) => text === point))
  return (
    <Notice tone={changes.length + open.length > 0 ? 'warning' : passed ? 'ok' : 'danger'} title={found}>
      {[...changes, ...missing].map((line) => (
        <p key={line} className="[overflow-wrap:anywhere]">
          {line}
        </p>
      ))}
      <p className="text-xs">
        {changes.length > 0 ? `The last check ${passed ? 'passed' : 'failed'}. ` : ''}
        <span title={receivedAt}>Received {agoText(receivedAt, now)}</span> from {by === 'link' ? 'the script itself, by its link' : actorText(by)}; checked at <Time iso={checkedAt} /> by the clock of the backend.
      </p>
    </Notice>
  )
}

function Missing({ waiting, children }: { waiting: boolean; children: ReactNode }) {
  return (
    <p className="flex items-start gap-2 rounded-lg border border-line bg-sunken px-3.5 py-2.5 text-sm text-ink-soft">
      {waiting ? <LoaderCircle aria-hidden className="mt-0.5 size-4 shrink-0 animate-spin" /> : null}
      {children}
    </p>
  )
}
