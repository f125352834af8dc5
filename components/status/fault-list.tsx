import Link from 'next/link'
import { byGravity, type Fault } from '#lib/domain/fault.ts'
import { places } from '#components/places.ts'
import { severityEdge, SeverityIcon, SeverityWord } from './severity-mark.tsx'

/** Faults, the worst first: what is wrong, where, and what to do. `here` is the farm whose page this is, so it is not linked. */
export function FaultList({ faults, here = null }: { faults: readonly Fault[]; here?: string | null }) {
  return (
    <ul className="divide-y divide-line">
      {[...faults].sort(byGravity).map((fault) => (
        <li key={`${fault.code} ${fault.farm ?? ''} ${fault.backend ?? ''} ${fault.detail}`} className={`flex gap-3 border-l-2 px-4 py-3 first:rounded-t-md last:rounded-b-md ${severityEdge(fault.severity)}`}>
          <SeverityIcon severity={fault.severity} />
          <div className="min-w-0 text-sm">
            <p className="font-medium text-ink">
              <SeverityWord severity={fault.severity} /> {fault.title}
              <Where fault={fault} here={here} />
            </p>
            <p className="[overflow-wrap:anywhere] text-ink-soft">{fault.detail}</p>
            <p className="mt-1 text-ink-soft">
              <span className="font-medium text-ink">What to do:</span> {fault.fix}
            </p>
          </div>
        </li>
      ))}
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
