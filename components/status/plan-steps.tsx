import { CircleCheck, Shuffle, TriangleAlert, Unplug, type LucideIcon } from 'lucide-react'
import type { Impact, Plan } from '#lib/domain/plan.ts'

const looks: Record<Impact['kind'], { icon: LucideIcon; word: string; ink: string }> = {
  hitless: { icon: CircleCheck, word: 'No connection is touched', ink: 'text-ok' },
  remaps: { icon: Shuffle, word: 'Moves connections', ink: 'text-warn' },
  flushes: { icon: TriangleAlert, word: 'Forgets clients', ink: 'text-warn' },
  interrupts: { icon: Unplug, word: 'Interrupts', ink: 'text-danger' },
}

/** The steps of a plan, each with what it does to live connections. */
export function PlanSteps({ plan }: { plan: Plan }) {
  return (
    <ol className="divide-y divide-line rounded-lg border border-line">
      {plan.steps.map((step, index) => {
        const { icon: Icon, word, ink } = looks[step.impact.kind]
        const more = step.impact.text === `${word}.` ? '' : step.impact.text
        const share = step.impact.share === null ? '' : ` (about ${Math.round(step.impact.share * 100)} % of them)`
        return (
          <li key={index} className="flex gap-3 px-3.5 py-2.5 text-sm">
            <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${ink}`} />
            <div className="min-w-0">
              <p className="[overflow-wrap:anywhere] text-ink">{step.text}</p>
              <p className="text-ink-soft">
                <span className={`font-medium ${ink}`}>
                  {word}
                  {share}.
                </span>{' '}
                {more}
              </p>
            </div>
          </li>
        )
      })}
    </ol>
  )
}
