import { CircleCheck, CircleDashed, CircleX, type LucideIcon } from 'lucide-react'
import type { HealthState } from '#lib/domain/health.ts'
import { stateWords } from './health-words.ts'

const looks: Record<HealthState, { icon: LucideIcon; ink: string }> = {
  healthy: { icon: CircleCheck, ink: 'text-ok' },
  unhealthy: { icon: CircleX, ink: 'text-danger' },
  unknown: { icon: CircleDashed, ink: 'text-ink-faint' },
}

/** A verdict in three ways at once, shape, word and colour; `of` is what it is about, in short. */
export function VerdictMark({ state, of }: { state: HealthState; of?: string }) {
  const { icon: Icon, ink } = looks[state]
  return (
    <span className={`inline-flex items-center gap-1 whitespace-nowrap ${ink}`}>
      <Icon aria-hidden className="size-3.5 shrink-0" />
      {of ? (
        <>
          <span className="font-semibold">{of}</span> {stateWords[state]}
        </>
      ) : (
        <span className="first-letter:uppercase">{stateWords[state]}</span>
      )}
    </span>
  )
}
