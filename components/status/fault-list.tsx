import Link from 'next/link'
import { Info, OctagonAlert, TriangleAlert, type LucideIcon } from 'lucide-react'
import { byGravity, type Fault, type Severity } from '#lib/domain/fault.ts'
import { places } from '#components/places.ts'

const looks: Record<Severity, { icon: LucideIcon; word: string; ink: string; edge: string }> = {
  critical: { icon: OctagonAlert, word: 'Critical', ink: 'text-danger', edge: 'border-l-danger' },
  warning: { icon: TriangleAlert, word: 'Warning', ink: 'text-warn', edge: 'border-l-warn' },
  info: { icon: Info, word: 'Note', ink: 'text-accent', edge: 'border-l-accent' },
}

/** Faults, the worst first: what is wrong, where, and what to do. `here` is the farm whose page this is, so it is not linked. */
export function FaultList({ faults, here = null }: { faults: readonly Fault[]; here?: string | null }) {
  return (
    <ul className="divide-y divide-line">
      {[...faults].sort(byGravity).map((fault) => {
        const { icon: Icon, word, ink, edge } = looks[fault.severity]
        return (
          <li key={`${fault.code} ${fault.farm ?? ''} ${fault.backend ?? ''} ${fault.detail}`} className={`flex gap-3 border-l-2 px-4 py-3 first:rounded-t-md last:rounded-b-md ${edge}`}>
            <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${ink}`} />
            <div className="min-w-0 text-sm">
              <p className="font-medium text-ink">
                <span className={ink}>{word}:</span> {fault.title}
                <Where fault={fault} here={here} />
              </p>
              <p className="[overflow-wrap:anywhere] text-ink-soft">{fault.detail}</p>
              <p className="mt-1 text-ink-soft">
                <span className="font-medium text-ink">What to do:</span> {fault.fix}
              </p>
            </div>
          </li>
        )
      })}
    </ul>
  )
}

function Where({ fault, here }: { fault: Fault; here: string | null }) {
  const farm = fault.farm !== null && fault.farm !== here ? fault.farm : null
  if (farm === null && fault.backend === null) return null
  return (
    <span className="font-normal text-ink-soft">
      {' · '}
      {farm ? (
        <Link href={places.farm(farm)} className="text-accent underline underline-offset-2">
          {farm}
        </Link>
      ) : null}
      {farm && fault.backend ? ' / ' : null}
      {fault.backend}
    </span>
  )
}
