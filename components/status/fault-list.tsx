import Link from 'next/link'
import type { Fault } from '#lib/domain/fault.ts'
import { places } from '#components/places.ts'
import { Disclosure } from '#components/ui/disclosure.tsx'
import { faultGroups, namesText, type FaultGroup } from './fault-groups.ts'
import { severityEdge, SeverityIcon, SeverityWord } from './severity-mark.tsx'

/**
 * Faults, the worst first: what is wrong, where, and what to do. What many backends of a farm have in common is one line. `here` is
 * the farm whose page this is, so it is not linked.
 */
export function FaultList({ faults, here = null }: { faults: readonly Fault[]; here?: string | null }) {
  return (
    <ul className="divide-y divide-line">
      {faultGroups(faults).map((group) => {
        const { first } = group
        return (
          <li key={`${first.code} ${first.farm ?? ''} ${group.faults.length > 1 ? '' : `${first.backend ?? ''} ${first.detail}`}`} className={`flex gap-3 border-l-2 px-4 py-3 first:rounded-t-md last:rounded-b-md ${severityEdge(first.severity)}`}>
            <SeverityIcon severity={first.severity} />
            <div className="min-w-0 grow text-sm">
              <p className="font-medium text-ink">
                <SeverityWord severity={first.severity} /> {first.title}
                <Where fault={first} backends={group.faults.length} here={here} />
              </p>
              <p className="[overflow-wrap:anywhere] text-ink-soft">{group.faults.length > 1 ? namesText(group) : first.detail}</p>
              <p className="mt-1 text-ink-soft">
                <span className="font-medium text-ink">What to do:</span> {first.fix}
              </p>
              {group.faults.length > 1 ? <Each group={group} /> : null}
            </div>
          </li>
        )
      })}
    </ul>
  )
}

/** What each backend of a group has to say. */
function Each({ group: { faults } }: { group: FaultGroup }) {
  return (
    <Disclosure title={`Each of the ${faults.length} backends`}>
      <ul tabIndex={0} aria-label="Backends" className="max-h-72 space-y-0.5 overflow-auto rounded-md border border-line bg-sunken px-3 py-2 text-xs">
        {faults.map(({ backend, detail }) => (
          <li key={backend} className="[overflow-wrap:anywhere] text-ink-soft">
            <span className="font-medium text-ink">{backend}</span> {detail}
          </li>
        ))}
      </ul>
    </Disclosure>
  )
}

function Where({ fault, backends, here }: { fault: Fault; backends: number; here: string | null }) {
  const farm = fault.farm !== null && fault.farm !== here ? fault.farm : null
  const backend = backends > 1 ? `${backends} backends` : fault.backend
  if (farm === null && backend === null) return null
  return (
    <span className="font-normal text-ink-soft">
      {' · '}
      {farm ? (
        <Link href={places.farm(farm)} className="text-accent underline underline-offset-2">
          {farm}
        </Link>
      ) : null}
      {farm && backend ? ' / ' : null}
      {backend}
    </span>
  )
}
