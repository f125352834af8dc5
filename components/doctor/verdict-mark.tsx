import { Check, CircleHelp, CircleX, Minus, TriangleAlert, type LucideIcon } from 'lucide-react'
import { doctorVerdicts, type DoctorVerdict } from '#lib/domain/doctor/checks.ts'

/** How each verdict looks and reads; `box` is behind it where it stands in the matrix. */
const looks: Record<DoctorVerdict, { icon: LucideIcon; word: string; ink: string; box: string }> = {
  ok: { icon: Check, word: 'Fine', ink: 'text-ok', box: '' },
  warn: { icon: TriangleAlert, word: 'Warning', ink: 'text-warn', box: 'bg-warn-soft' },
  fail: { icon: CircleX, word: 'Failed', ink: 'text-danger', box: 'bg-danger-soft' },
  unknown: { icon: CircleHelp, word: 'Not known', ink: 'text-ink-soft', box: '' },
  skipped: { icon: Minus, word: 'Does not apply', ink: 'text-ink-faint', box: '' },
}

export function verdictWord(verdict: DoctorVerdict): string {
  return looks[verdict].word
}

export function verdictBox(verdict: DoctorVerdict): string {
  return looks[verdict].box
}

/** A verdict by its shape; the word stands beside it or is the name of what holds it. */
export function VerdictIcon({ verdict }: { verdict: DoctorVerdict }) {
  const { icon: Icon, ink } = looks[verdict]
  return <Icon aria-hidden className={`size-4 shrink-0 ${ink}`} />
}

export function VerdictLabel({ verdict }: { verdict: DoctorVerdict }) {
  return (
    <span className={`inline-flex items-center gap-1.5 align-middle font-medium whitespace-nowrap ${looks[verdict].ink}`}>
      <VerdictIcon verdict={verdict} />
      {looks[verdict].word}
    </span>
  )
}

/** What the shapes in a matrix mean. */
export function VerdictLegend() {
  return (
    <ul aria-label="What the signs mean" className="flex flex-wrap gap-x-4 gap-y-1 text-xs">
      {doctorVerdicts.map((verdict) => (
        <li key={verdict}>
          <VerdictLabel verdict={verdict} />
        </li>
      ))}
    </ul>
  )
}
