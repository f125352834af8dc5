import { useState } from 'react'
import Link from 'next/link'
import type { DoctorFarm } from '#lib/domain/doctor/run.ts'
import { places } from '#components/places.ts'
import { Card } from '#components/ui/card.tsx'
import { Disclosure } from '#components/ui/disclosure.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { ShowMore } from '#components/ui/show-more.tsx'
import { Time } from '#components/ui/time.tsx'
import { farmCount, farmResultText, findingsOf, needsLook } from './doctor-words.ts'
import { FindingList } from './finding-list.tsx'
import { Matrix } from './matrix.tsx'

/** Farms that are drawn at first: each has a matrix of its own, or a line when nothing was found there. */
const portion = { found: 10, fine: 50 }

/** What was found at many farms: the findings, then the farms they are of, then the others folded away. */
export function FarmResults({ farms }: { farms: readonly DoctorFarm[] }) {
  const [limits, setLimits] = useState(portion)
  const findings = findingsOf(farms)
  const found = farms.filter(needsLook)
  const fine = farms.filter((farm) => !needsLook(farm))
  return (
    <>
      {findings.length > 0 ? (
        <Card title="Findings" flush>
          <FindingList findings={findings} />
        </Card>
      ) : null}
      {found.slice(0, limits.found).map((result) => (
        <Card key={result.farm} title={result.farm} description={<Facts result={result} />} flush actions={<FarmLink farm={result.farm} />}>
          <Result result={result} />
        </Card>
      ))}
      <ShowMore total={found.length} limit={limits.found} portion={portion.found} onLimit={(limit) => setLimits({ ...limits, found: limit })} />
      {fine.length > 0 ? (
        <Card title={`${farmCount(fine.length)} without a finding`} flush>
          <ul className="divide-y divide-line">
            {fine.slice(0, limits.fine).map((result) => (
              <li key={result.farm} className="px-4 py-1.5">
                <Disclosure title={`${result.farm}: ${farmResultText(result)}`}>
                  <div className="mb-2 overflow-hidden rounded-lg border border-line">
                    <Result result={result} />
                  </div>
                </Disclosure>
              </li>
            ))}
          </ul>
          <ShowMore total={fine.length} limit={limits.fine} portion={portion.fine} onLimit={(limit) => setLimits({ ...limits, fine: limit })} />
        </Card>
      ) : null}
    </>
  )
}

function Facts({ result }: { result: DoctorFarm }) {
  return (
    <>
      {farmResultText(result)} · <Time iso={result.at} />
    </>
  )
}

function FarmLink({ farm }: { farm: string }) {
  return (
    <Link href={places.farm(farm, 'doctor')} className="rounded-sm text-sm text-accent underline underline-offset-2">
      Newest result of {farm}
    </Link>
  )
}

function Result({ result: { farm, trouble, rows } }: { result: DoctorFarm }) {
  return (
    <>
      {trouble === null ? null : (
        <div className="p-4">
          <Notice tone="warning" title="This farm could not be examined">
            {trouble}
          </Notice>
        </div>
      )}
      {rows.length > 0 ? <Matrix farm={farm} rows={rows.map((row) => ({ row, note: null }))} /> : trouble === null ? <p className="px-4 py-3 text-sm text-ink-soft">This farm has no backends.</p> : null}
    </>
  )
}
