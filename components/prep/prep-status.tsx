import { CircleAlert, CircleCheck, CircleDashed, CircleX, Minus, RefreshCw, type LucideIcon } from 'lucide-react'
import type { PrepState, PrepStatus } from '#lib/prep/state.ts'
import { statusText } from './prep-words.ts'

const looks: Record<PrepStatus, { icon: LucideIcon; ink: string }> = {
  'not-needed': { icon: Minus, ink: 'text-ink-faint' },
  'never-checked': { icon: CircleDashed, ink: 'text-ink-faint' },
  'failed': { icon: CircleX, ink: 'text-danger' },
  'stale': { icon: RefreshCw, ink: 'text-warn' },
  'open': { icon: CircleAlert, ink: 'text-warn' },
  'verified': { icon: CircleCheck, ink: 'text-ok' },
}

export function PrepStatusIcon({ status }: { status: PrepStatus }) {
  const { icon: Icon, ink } = looks[status]
  return <Icon aria-hidden className={`size-4 shrink-0 ${ink}`} />
}

/** How far one machine is, by shape, words and colour. */
export function PrepStatusLabel({ state, now }: { state: PrepState; now: number }) {
  return (
    <span className={`flex min-w-0 items-start gap-1.5 text-sm ${looks[state.status].ink}`}>
      <span className="mt-0.5">
        <PrepStatusIcon status={state.status} />
      </span>
      <span className="min-w-0 [overflow-wrap:anywhere]">{statusText(state, now)}</span>
    </span>
  )
}
