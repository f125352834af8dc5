import { CircleCheck, CircleX, Info, type LucideIcon } from 'lucide-react'
import type { ExplainedItem, Verdict } from '#lib/prep/finding.ts'

const looks: Record<Verdict, { icon: LucideIcon; word: string; ink: string }> = {
  fail: { icon: CircleX, word: 'Failed', ink: 'text-danger' },
  warn: { icon: Info, word: 'Note', ink: 'text-warn' },
  ok: { icon: CircleCheck, word: 'Passed', ink: 'text-ok' },
}

/** Checks with the same verdict in words, each with what to do about it; nothing when there are none. */
export function CheckItems({ label, items }: { label: string; items: readonly ExplainedItem[] }) {
  if (items.length === 0) return null
  return (
    <ul aria-label={label} className="space-y-2">
      {items.map(({ verdict, text, fix }, index) => {
        const { icon: Icon, word, ink } = looks[verdict]
        return (
          <li key={index} className="flex items-start gap-2 text-sm">
            <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${ink}`} />
            <div className="min-w-0 [overflow-wrap:anywhere]">
              <p className={verdict === 'ok' ? 'text-ink-soft' : 'text-ink'}>
                <span className={verdict === 'ok' ? 'sr-only' : `font-medium ${ink}`}>{word}:</span> {text}
              </p>
              {fix ? (
                <p className="text-ink-soft">
                  <span className="font-medium text-ink">What to do:</span> {fix}
                </p>
              ) : null}
            </div>
          </li>
        )
      })}
    </ul>
  )
}
