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
export function PrepResult({ state, waiting, now }: { state: PrepState; waiting: boolean; now: number }) {
  const { verification, backend } = state
  const of = (verdict: Verdict) => verification?.items.filter((item) => item.verdict === verdict) ?? []
  const passed = of('ok')
  return (
    <div className="space-y-3">
      <div role="status">{verification ? <Summary verification={verification} now={now} /> : <Missing backend={backend} waiting={waiting} />}</div>
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

function Summary({ verification, now }: { verification: Verification; now: number }) {
  const { items, passed, changes } = verification
  const failed = items.filter(({ verdict }) => verdict === 'fail').length
  const found = passed ? 'Everything that must be right is right.' : `${failed} of ${items.length} checks failed.`
  if (changes.length === 0) {
    return (
      <Notice tone={passed ? 'ok' : 'danger'} title={found}>
        <Origin verification={verification} now={now} />
      </Notice>
    )
  }
  return (
    <Notice tone="warning" title="Run the script again, then check: it changed since the last check.">
      <ul>
        {changes.map((change) => (
          <li key={change} className="[overflow-wrap:anywhere]">
            {change}
          </li>
        ))}
      </ul>
      <Origin verification={verification} now={now}>
        The last check: {passed ? 'passed' : `${failed} of ${items.length} failed`}.{' '}
      </Origin>
    </Notice>
  )
}

/** From whom a check came, and when by both clocks. */
function Origin({ verification: { by, receivedAt, checkedAt }, now, children }: { verification: Verification; now: number; children?: ReactNode }) {
  return (
    <p className="text-xs">
      {children}
      <span title={receivedAt}>Received {agoText(receivedAt, now)}</span> from {by === 'link' ? 'the script itself, by its link' : actorText(by)}; checked at <Time iso={checkedAt} /> by the clock of the backend.
    </p>
  )
}

function Missing({ backend, waiting }: { backend: string; waiting: boolean }) {
  return (
    <p className="flex items-start gap-2 rounded-lg border border-line bg-sunken px-3.5 py-2.5 text-sm text-ink-soft">
      {waiting ? <LoaderCircle aria-hidden className="mt-0.5 size-4 shrink-0 animate-spin" /> : null}
      {waiting ? `Waiting for the check of ${backend}. It appears here by itself.` : `No check of ${backend} has come yet.`}
    </p>
  )
}
