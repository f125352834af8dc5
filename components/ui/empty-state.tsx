import type { ReactNode } from 'react'

/** What stands where a list would: what is missing, why it matters, and the next step. */
export function EmptyState({ icon, title, children, action }: { icon: ReactNode; title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className="flex flex-col items-center px-6 py-12 text-center">
      <span className="mb-3 grid size-11 place-items-center rounded-full bg-sunken text-ink-faint">{icon}</span>
      <h2 className="text-lg font-semibold text-ink">{title}</h2>
      <div className="mt-1 max-w-md text-sm text-ink-soft">{children}</div>
      {action ? <div className="mt-4">{action}</div> : null}
    </div>
  )
}
