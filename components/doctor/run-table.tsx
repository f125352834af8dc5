import Link from 'next/link'
import { Download } from 'lucide-react'
import { urls } from '#lib/client/urls.ts'
import type { DoctorRun } from '#lib/domain/doctor/run.ts'
import { actorText } from '#components/history/actor-text.ts'
import { places } from '#components/places.ts'
import { buttonLook } from '#components/ui/button.tsx'
import { NotKnown } from '#components/ui/not-known.tsx'
import { Cell, Table } from '#components/ui/table.tsx'
import { Time } from '#components/ui/time.tsx'
import { durationText, scopeTitle } from './doctor-words.ts'
import { RunResult } from './run-result.tsx'

const columns = [
  { label: 'Run', className: 'w-14' },
  { label: 'Result' },
  { label: 'Scope' },
  { label: 'Started', className: 'w-52' },
  { label: 'Who', className: 'max-md:hidden' },
  { label: 'Took', className: 'w-24 text-right max-md:hidden' },
  { label: 'File', hidden: true },
]

/** Runs, one per row; its number is the link, and the whole row leads there for the mouse. */
export function RunTable({ runs }: { runs: readonly DoctorRun[] }) {
  return (
    <Table label="Runs" columns={columns}>
      {runs.map((run) => (
        <tr key={run.id} className="relative hover:bg-sunken/60">
          <Cell header className="nums font-medium">
            <Link href={places.doctorRun(run.id)} prefetch={false} aria-label={`Run ${run.id}`} className="rounded-sm text-ink after:absolute after:inset-0 hover:text-accent hover:underline">
              {run.id}
            </Link>
          </Cell>
          <Cell className="nums min-w-64">
            <RunResult run={run} />
          </Cell>
          <Cell className="min-w-28 [overflow-wrap:anywhere]">{scopeTitle(run.scope)}</Cell>
          <Cell className="text-ink-soft">
            <Time iso={run.startedAt} />
          </Cell>
          <Cell className="whitespace-nowrap text-ink-soft max-md:hidden">{actorText(run.actor)}</Cell>
          <Cell className="nums text-right whitespace-nowrap text-ink-soft max-md:hidden">{run.endedAt ? durationText(run.startedAt, run.endedAt) : <NotKnown />}</Cell>
          <Cell className="text-right">
            <a href={urls.doctorRun(run.id, true)} download aria-label={`Download run ${run.id} as JSON`} className={`relative ${buttonLook('secondary', 'sm')}`}>
              <Download aria-hidden className="size-3.5" />
              JSON
            </a>
          </Cell>
        </tr>
      ))}
    </Table>
  )
}
