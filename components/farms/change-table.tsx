import type { FieldChange } from './farm-changes.ts'

/** Fields that differ, old beside new. */
export function ChangeTable({ label, changes, before = 'Before', after = 'After' }: { label: string; changes: readonly FieldChange[]; before?: string; after?: string }) {
  return (
    <table aria-label={label} className="w-full table-fixed border-collapse text-sm">
      <thead>
        <tr className="border-b border-line text-left text-xs text-ink-faint">
          <th scope="col" className="w-[30%] px-2 py-1.5 font-medium">
            Field
          </th>
          <th scope="col" className="px-2 py-1.5 font-medium">
            {before}
          </th>
          <th scope="col" className="px-2 py-1.5 font-medium">
            {after}
          </th>
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {changes.map(({ field, before: old, after: now }) => (
          <tr key={field} className="align-top">
            <th scope="row" className="px-2 py-1.5 text-left font-normal [overflow-wrap:anywhere] text-ink-soft">
              {field}
            </th>
            <td className="px-2 py-1.5 [overflow-wrap:anywhere]">{old === null ? <Nothing /> : <del className="rounded-sm bg-danger-soft px-1 text-ink no-underline">{old}</del>}</td>
            <td className="px-2 py-1.5 [overflow-wrap:anywhere]">{now === null ? <Nothing /> : <ins className="rounded-sm bg-ok-soft px-1 text-ink no-underline">{now}</ins>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Nothing() {
  return (
    <span className="text-ink-faint">
      <span aria-hidden>–</span>
      <span className="sr-only">nothing</span>
    </span>
  )
}
