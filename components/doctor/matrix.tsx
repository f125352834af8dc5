import { useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { doctorCheckNames, doctorChecks, type DoctorCheck } from '#lib/domain/doctor/checks.ts'
import type { DoctorRow } from '#lib/domain/doctor/run.ts'
import { ShowMore } from '#components/ui/show-more.tsx'
import { placeAfter, type Place } from './matrix-keys.ts'
import { RowDialog } from './row-dialog.tsx'
import { VerdictIcon, VerdictLegend, verdictBox, verdictWord } from './verdict-mark.tsx'

/** `note`: what else to say of the row, such as its age. */
export type MatrixRow = { row: DoctorRow; note: string | null }

/** Backends that are drawn at first: each has a field for every check. */
const portion = 50

type Shown = { row: DoctorRow; check: DoctorCheck | null }

/**
 * Backends and what was found out about each, check by check, those with findings first; every field opens its evidence. One stop for the Tab key, with the
 * arrow keys inside; it scrolls sideways below the backends, which stay.
 */
export function Matrix({ farm, rows: all }: { farm: string; rows: readonly MatrixRow[] }) {
  const [limit, setLimit] = useState(portion)
  const rows = [...all].sort((a, b) => Number(b.row.findings.length > 0) - Number(a.row.findings.length > 0)).slice(0, limit)
  const [at, setAt] = useState<Place>({ row: 0, column: 0 })
  const [shown, setShown] = useState<Shown | null>(null)
  const grid = useRef<HTMLTableElement>(null)
  // A newer result may have fewer backends.
  const stop = { ...at, row: Math.min(at.row, rows.length - 1) }
  const move = (event: KeyboardEvent) => {
    const next = placeAfter(event.key, event.ctrlKey || event.metaKey, stop, rows.length, doctorCheckNames.length + 1)
    if (!next) return
    event.preventDefault()
    grid.current?.querySelector<HTMLButtonElement>(`[data-place="${next.row} ${next.column}"]`)?.focus()
  }
  const field = (row: number, column: number, label: string, look: string, content: ReactNode, open: Shown) => (
    <button
      type="button"
      data-place={`${row} ${column}`}
      tabIndex={stop.row === row && stop.column === column ? 0 : -1}
      onFocus={() => setAt({ row, column })}
      onClick={() => setShown(open)}
      aria-label={label}
      title={label}
      className={`rounded-md focus-visible:outline-offset-[-2px] ${look}`}
    >
      {content}
    </button>
  )
  return (
    <>
      <div className="relative scroll-pl-36 overflow-x-auto sm:scroll-pl-48">
        <table ref={grid} role="grid" aria-label={`Checks of ${farm}`} aria-readonly className="w-full border-separate border-spacing-0 text-sm" onKeyDown={move}>
          <thead>
            <tr>
              <th scope="col" className="sticky left-0 z-10 w-36 min-w-36 border-r border-b border-line bg-surface px-4 py-1.5 text-left align-bottom text-xs font-medium text-ink-faint sm:w-48 sm:min-w-48">
                Backend
              </th>
              {doctorCheckNames.map((check) => (
                <th key={check} scope="col" title={doctorChecks[check].asks} className="w-17 min-w-17 border-b border-line px-0.5 py-1.5 text-center align-bottom text-2xs font-medium text-ink-faint">
                  {doctorChecks[check].title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ row, note }, index) => (
              <tr key={row.backend} className="group">
                <th scope="row" className="sticky left-0 z-10 border-r border-b border-line bg-surface p-0.5 text-left font-normal group-last:border-b-0 group-hover:bg-sunken">
                  {field(
                    index,
                    0,
                    `${row.backend}, ${row.address}: ${row.findings.length === 0 ? 'no finding' : row.findings.map(({ title }) => title).join('; ')}`,
                    'block w-full px-3.5 py-1 text-left hover:underline',
                    <>
                      <span className="block truncate font-medium text-ink">{row.backend}</span>
                      <span className="block truncate font-mono text-2xs text-ink-soft">{row.address}</span>
                      {note === null ? null : <span className="block truncate text-2xs text-ink-faint">{note}</span>}
                    </>,
                    { row, check: null },
                  )}
                </th>
                {doctorCheckNames.map((check, column) => {
                  const cell = row.cells.find((one) => one.check === check)
                  const verdict = cell?.verdict ?? 'unknown'
                  return (
                    <td key={check} className="border-b border-line p-0.5 text-center group-last:border-b-0 group-hover:bg-sunken/60">
                      {field(index, column + 1, `${row.backend}, ${doctorChecks[check].title}: ${verdictWord(verdict)}`, `inline-grid h-8 w-full min-w-8 place-items-center hover:bg-sunken ${verdictBox(verdict)}`, <VerdictIcon verdict={verdict} />, { row, check })}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ShowMore total={all.length} limit={limit} portion={portion} onLimit={setLimit} />
      <div className="border-t border-line px-4 py-2">
        <VerdictLegend />
      </div>
      <RowDialog farm={farm} row={shown?.row ?? null} check={shown?.check ?? null} onClose={() => setShown(null)} />
    </>
  )
}
