'use client'

import { useState } from 'react'
import { useMutation } from '@tanstack/react-query'
import { ChevronDown, CircleUser, KeyRound, LogOut } from 'lucide-react'
import { signOut } from '#lib/client/changes.ts'
import { toFailure } from '#lib/client/failure.ts'
import { places } from '#components/places.ts'
import { Menu, MenuItem, MenuLabel, MenuSeparator } from '#components/ui/menu.tsx'
import { useAnnounce } from '#components/ui/announcements.tsx'
import { ChangePasswordDialog } from './change-password-dialog.tsx'

export function UserMenu({ user }: { user: { name: string } }) {
  const announce = useAnnounce()
  const [changing, setChanging] = useState(false)
  const leave = useMutation({
    mutationFn: signOut,
    // A new document: nothing that this person has seen stays in the memory of the tab.
    onSuccess: () => window.location.replace(places.signIn),
    onError: (error) => announce({ tone: 'warning', title: 'You are still signed in', detail: toFailure(error).detail }),
  })
  const trigger = (
    <button type="button" aria-label={`Account ${user.name}`} className="flex h-8 items-center gap-1.5 rounded-md px-2 text-sm font-medium text-ink-soft hover:bg-sunken hover:text-ink">
      <CircleUser aria-hidden className="size-4" />
      <span className="max-w-32 truncate max-sm:hidden">{user.name}</span>
      <ChevronDown aria-hidden className="size-3.5" />
    </button>
  )
  return (
    <>
      <Menu trigger={trigger}>
        <MenuLabel>Signed in as {user.name}</MenuLabel>
        <MenuItem icon={<KeyRound aria-hidden className="size-4 text-ink-faint" />} onSelect={() => setChanging(true)}>
          Change password
        </MenuItem>
        <MenuSeparator />
        <MenuItem icon={<LogOut aria-hidden className="size-4 text-ink-faint" />} onSelect={() => leave.mutate()}>
          Sign out
        </MenuItem>
      </Menu>
      <ChangePasswordDialog open={changing} onClose={() => setChanging(false)} />
    </>
  )
}
