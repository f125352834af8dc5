import type { ReactNode } from 'react'

type Column = { label: string; className?: string; hidden?: boolean }

/** A dense table; its frame scrolls sideways, by keyboard too, when the window is narrow. */
export function Table({ label, columns, children }: { label: string; columns: readonly Column[]; children: ReactNode }) {
  return (
    <div role="group" aria-label={`${label}, scrolls sideways`} tabIndex={0} className="relative overflow-x-auto rounded-lg focus-visible:outline-offset-[-2px]">
      <table aria-label={label} className="w-full border-collapse text-sm">
        <thead>
          <tr className="border-b border-line">
            {columns.map(({ label: name, className = '', hidden = false }) => (
              <th key={name} scope="col" className={`h-8 px-3 text-left text-xs font-medium whitespace-nowrap text-ink-faint first:pl-4 last:pr-4 ${className}`}>
                {hidden ? <span className="sr-only">{name}</span> : name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">{children}</tbody>
      </table>
    </div>
  )
}

export function Cell({ children, className = '', header = false }: { children?: ReactNode; className?: string; header?: boolean }) {
  const look = `h-10 px-3 py-1.5 text-left align-middle font-normal first:pl-4 last:pr-4 ${className}`
  if (header) {
    return (
      <th scope="row" className={look}>
        {children}
      </th>
    )
  }
  return <td className={look}>{children}</td>
}
