import { useState } from 'react'
import Link from 'next/link'
import type { DoctorFinding } from '#lib/domain/doctor/run.ts'
import { places } from '#components/places.ts'
import { SeverityIcon, severityEdge, SeverityWord } from '#components/status/severity-mark.tsx'
import { ShowMore } from '#components/ui/show-more.tsx'
import { needsPreparation, type PlacedFinding } from './doctor-words.ts'
import { Evidence } from './evidence.tsx'

/** Findings that are drawn at first: with many farms there may be thousands. */
const portion = 20

/** What is wrong, with what was seen, why that may be, and what to do. `here` is the farm whose page this is, so it is not linked. */
export function FindingList({ findings, here = null }: { findings: readonly PlacedFinding[]; here?: string | null }) {
  const [limit, setLimit] = useState(portion)
  return (
    <>
      <ul aria-label="Findings" className="divide-y divide-line">
        {findings.slice(0, limit).map(({ finding, farm, row }, index) => (
          <li key={`${farm} ${row?.backend ?? ''} ${finding.code} ${index}`} className={`flex gap-3 border-l-2 px-4 py-3 first:rounded-t-md last:rounded-b-md ${severityEdge(finding.severity)}`}>
            <SeverityIcon severity={finding.severity} />
            <div className="min-w-0 grow space-y-1 text-sm [overflow-wrap:anywhere]">
              <p className="font-medium text-ink">
                <SeverityWord severity={finding.severity} /> {finding.title}
                <span className="font-normal text-ink-soft">
                  {farm === here ? null : (
                    <>
                      {' · '}
                      <Link href={places.farm(farm, 'doctor')} className="text-accent underline underline-offset-2">
                        {farm}
                      </Link>
                    </>
                  )}
                  {row ? `${farm === here ? ' · ' : ' / '}${row.backend}` : null}
                </span>
              </p>
              <p className="text-ink-soft">
                <Evidence text={finding.evidence} />
              </p>
              <Causes finding={finding} />
              {finding.next ? (
                <p className="text-ink-soft">
                  <span className="font-medium text-ink">How to find out:</span> {finding.next}
                </p>
              ) : null}
              {row && needsPreparation(row) ? (
                <p>
                  <Link href={places.prepare(farm, row.backend)} className="rounded-sm text-accent underline underline-offset-2">
                    Preparation of {row.backend}
                  </Link>
                </p>
              ) : null}
            </div>
          </li>
        ))}
      </ul>
      <ShowMore total={findings.length} limit={limit} portion={portion} onLimit={setLimit} />
    </>
  )
}

function Causes({ finding: { causes } }: { finding: DoctorFinding }) {
  const [first] = causes
  if (first && causes.length === 1) {
    return (
      <>
        <p className="text-ink-soft">
          <span className="font-medium text-ink">Cause:</span> {first.cause}
        </p>
        <p className="text-ink-soft">
          <span className="font-medium text-ink">What to do:</span> {first.fix}
        </p>
      </>
    )
  }
  return (
    <div>
      <p className="font-medium text-ink">Causes that look the same from here:</p>
      <ol className="ml-5 list-decimal space-y-0.5 text-ink-soft">
        {causes.map(({ cause, fix }) => (
          <li key={cause}>
            <span className="text-ink">{cause}</span> {fix}
          </li>
        ))}
      </ol>
    </div>
  )
}
