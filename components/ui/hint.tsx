'use client'

import { useState, type ReactNode } from 'react'
import { Tooltip } from 'radix-ui'

/** A short text beside its trigger, shown on hover and on keyboard focus and tied to it for screen readers; nothing while it is null. */
export function Hint({ text, children }: { text: string | null; children: ReactNode }) {
  const [open, setOpen] = useState(false)
  return (
    <Tooltip.Root open={open && text !== null} onOpenChange={setOpen}>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content sideOffset={6} collisionPadding={8} className="z-50 max-w-72 rounded-md border border-line-strong bg-surface px-2.5 py-1.5 text-xs text-ink shadow-overlay">
          {text}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  )
}
