import { useState, type ReactNode } from 'react'
import { ChevronRight } from 'lucide-react'

type Props = { title: string; children: ReactNode; forced?: boolean }

/** Something that few people need, folded away, and not drawn before it is wanted. `forced` keeps it open, such as while it holds a message. */
export function Disclosure({ title, children, forced = false }: Props) {
  const [open, setOpen] = useState(false)
  return (
    <details open={open || forced} onToggle={(event) => setOpen(event.currentTarget.open)} className="group min-w-0">
      <summary className="inline-flex min-h-7 cursor-pointer list-none items-center gap-1 rounded-md text-sm font-medium text-ink-soft hover:text-ink [&::-webkit-details-marker]:hidden">
        <ChevronRight aria-hidden className="size-4 transition-transform group-open:rotate-90" />
        {title}
      </summary>
      {open || forced ? <div className="mt-2">{children}</div> : null}
    </details>
  )
}
