'use client'

import { useState } from 'react'
import { Dialog } from 'radix-ui'
import { Menu, X } from 'lucide-react'
import { IconButton } from '#components/ui/icon-button.tsx'
import { Logo } from '#components/ui/logo.tsx'
import { Navigation } from './navigation.tsx'

/** The navigation of a narrow window: behind a button, over the page. */
export function NavigationDrawer() {
  const [open, setOpen] = useState(false)
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger asChild>
        <IconButton label="Open navigation" icon={<Menu aria-hidden className="size-5" />} className="lg:hidden" />
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-shade" />
        <Dialog.Content aria-describedby={undefined} className="fixed inset-y-0 left-0 z-40 w-60 border-r border-line bg-surface p-3 shadow-overlay focus:outline-none">
          <div className="mb-4 flex h-8 items-center gap-2 pl-2.5">
            <Logo />
            <Dialog.Title className="grow text-base font-semibold">Tangent</Dialog.Title>
          </div>
          <Navigation onNavigate={() => setOpen(false)} />
          <Dialog.Close asChild>
            <IconButton label="Close navigation" icon={<X aria-hidden className="size-4" />} className="absolute top-3 right-3" />
          </Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
