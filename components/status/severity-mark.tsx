import { Info, OctagonAlert, TriangleAlert, type LucideIcon } from 'lucide-react'
import type { Severity } from '#lib/domain/fault.ts'

const looks: Record<Severity, { icon: LucideIcon; word: string; ink: string; edge: string }> = {
  critical: { icon: OctagonAlert, word: 'Critical', ink: 'text-danger', edge: 'border-l-danger' },
  warning: { icon: TriangleAlert, word: 'Warning', ink: 'text-warn', edge: 'border-l-warn' },
  info: { icon: Info, word: 'Note', ink: 'text-accent', edge: 'border-l-accent' },
}

/** The colour of the left edge of something this grave. */
export function severityEdge(severity: Severity): string {
  return looks[severity].edge
}

export function SeverityIcon({ severity }: { severity: Severity }) {
  const { icon: Icon, ink } = looks[severity]
  return <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${ink}`} />
}

/** How grave something is, as the first word of its title. */
export function SeverityWord({ severity }: { severity: Severity }) {
  return <span className={looks[severity].ink}>{looks[severity].word}:</span>
}
