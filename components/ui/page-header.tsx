import type { ReactNode } from 'react'
import Link from 'next/link'
import { ChevronRight } from 'lucide-react'

type Props = { title: string; crumbs?: ReadonlyArray<{ label: string; href: string }>; description?: ReactNode; actions?: ReactNode; beside?: ReactNode }

/** The head of a page: where it is, what it is called, what can be done with it. */
export function PageHeader({ title, crumbs = [], description, actions, beside }: Props) {
  return (
    <header className="mb-4 flex flex-wrap items-end justify-between gap-x-4 gap-y-2">
      <div className="min-w-0">
        {crumbs.length > 0 ? (
          <nav aria-label="Breadcrumb">
            <ol className="mb-0.5 flex items-center gap-1 text-xs text-ink-faint">
              {crumbs.map(({ label, href }) => (
                <li key={href} className="flex items-center gap-1">
                  <Link href={href} className="rounded-sm py-0.5 hover:text-ink hover:underline">
                    {label}
                  </Link>
                  <ChevronRight aria-hidden className="size-3.5" />
                </li>
              ))}
            </ol>
          </nav>
        ) : null}
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h1 className="min-w-0 text-xl font-semibold tracking-tight [overflow-wrap:anywhere] text-ink">{title}</h1>
          {beside}
        </div>
        {description ? <div className="mt-0.5 text-sm text-ink-soft">{description}</div> : null}
      </div>
      {actions ? <div className="flex flex-wrap gap-2">{actions}</div> : null}
    </header>
  )
}
