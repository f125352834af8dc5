import { useEffect, useRef } from 'react'
import Link from 'next/link'
import { Stethoscope } from 'lucide-react'
import { doctorCheckNames, doctorChecks, type DoctorCheck } from '#lib/domain/doctor/checks.ts'
import type { DoctorRow } from '#lib/domain/doctor/run.ts'
import { places } from '#components/places.ts'
import { Button, buttonLook } from '#components/ui/button.tsx'
import { Dialog } from '#components/ui/dialog.tsx'
import { needsPreparation } from './doctor-words.ts'
import { Evidence } from './evidence.tsx'
import { FindingList } from './finding-list.tsx'
import { useExamine } from './use-examine.ts'
import { VerdictLabel, verdictWord } from './verdict-mark.tsx'

type Props = { farm: string; row: DoctorRow | null; check: DoctorCheck | null; onClose: () => void }

/** Everything that was found out about one backend, with the evidence; one check of it is what was asked for, or none. */
export function RowDialog({ farm, row, check, onClose }: Props) {
  const { examine, whyNot } = useExamine()
  const wanted = check ? row?.cells.find((cell) => cell.check === check) : undefined
  const footer = (
    <>
      {row && needsPreparation(row) ? (
        <Link href={places.prepare(farm, row.backend)} className={buttonLook()}>
          Preparation of {row.backend}
        </Link>
      ) : null}
      {row ? (
        <Button
          icon={<Stethoscope aria-hidden className="size-4" />}
          disabledReason={whyNot}
          onClick={() => {
            examine({ farm, backend: row.backend })
            onClose()
          }}
        >
          Examine {row.backend}
        </Button>
      ) : null}
      <Button tone="primary" onClick={onClose}>
        Close
      </Button>
    </>
  )
  const title = row === null ? '' : check ? `${row.backend}, ${doctorChecks[check].title}` : row.backend
  const description = row === null ? '' : wanted ? <Evidence text={`${verdictWord(wanted.verdict)}: ${wanted.evidence}`} /> : [row.address, row.mac].filter((part) => part !== null).join(' · ')
  return (
    <Dialog open={row !== null} onClose={onClose} title={title} description={description} footer={footer} wide>
      {row ? (
        <div className="space-y-4">
          {row.findings.length > 0 ? (
            <div className="rounded-lg border border-line">
              <FindingList findings={row.findings.map((finding) => ({ finding, farm, row }))} here={farm} />
            </div>
          ) : null}
          <Checks row={row} chosen={check} />
        </div>
      ) : null}
    </Dialog>
  )
}

function Checks({ row, chosen }: { row: DoctorRow; chosen: DoctorCheck | null }) {
  const marked = useRef<HTMLLIElement>(null)
  useEffect(() => {
    marked.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  return (
    <ul aria-label={`Checks of ${row.backend}`} tabIndex={0} className="divide-y divide-line rounded-lg border border-line">
      {doctorCheckNames.map((check) => {
        const cell = row.cells.find((one) => one.check === check)
        const here = check === chosen
        return (
          <li key={check} ref={here ? marked : null} aria-current={here || undefined} className="grid gap-x-4 gap-y-0.5 border-l-2 border-l-transparent px-3 py-2 text-sm aria-[current]:border-l-accent aria-[current]:bg-accent-soft sm:grid-cols-[8.5rem_minmax(0,1fr)]">
            <VerdictLabel verdict={cell?.verdict ?? 'unknown'} />
            <div className="min-w-0 [overflow-wrap:anywhere]">
              <p>
                <span className="font-medium text-ink">{doctorChecks[check].title}.</span> <span className="text-ink-faint">{doctorChecks[check].asks}</span>
              </p>
              <p className="text-ink-soft">{cell ? <Evidence text={cell.evidence} /> : 'It was not looked at.'}</p>
            </div>
          </li>
        )
      })}
    </ul>
  )
}
