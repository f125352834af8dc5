import { useId, type ReactNode } from 'react'

type Props = { title?: string; description?: ReactNode; actions?: ReactNode; children: ReactNode; flush?: boolean; className?: string }

/** A bordered surface, a region of its own when it has a title. `flush` lets a table reach the edges. */
export function Card({ title, description, actions, children, flush = false, className = '' }: Props) {
  const id = useId()
  return (
    <section aria-labelledby={title ? id : undefined} className={`min-w-0 rounded-lg border border-line bg-surface shadow-raised ${className}`}>
      {title ? (
        <header className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-2">
          <div className="min-w-0 grow">
            <h2 id={id} className="text-base font-semibold text-ink">
              {title}
            </h2>
            {description ? <p className="text-xs text-ink-faint">{description}</p> : null}
          </div>
          {actions}
        </header>
      ) : null}
      <div className={flush ? '' : 'p-4'}>{children}</div>
    </section>
  )
}
