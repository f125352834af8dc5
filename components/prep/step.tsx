import { useId, type ReactNode } from 'react'

/** One numbered step of the guide. */
export function Step({ number, title, children }: { number: number; title: string; children: ReactNode }) {
  const id = useId()
  return (
    <li aria-labelledby={id} className="px-4 py-4">
      <div className="flex items-center gap-3">
        <span aria-hidden className="nums grid size-6 shrink-0 place-items-center rounded-full bg-accent-soft text-xs font-semibold text-accent">
          {number}
        </span>
        <h3 id={id} className="min-w-0 text-base font-semibold [overflow-wrap:anywhere] text-ink">
          {title}
        </h3>
      </div>
      <div className="mt-2.5 space-y-3 sm:pl-9">{children}</div>
    </li>
  )
}
