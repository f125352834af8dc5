'use client'

import { SunMoon } from 'lucide-react'
import { IconButton } from '#components/ui/icon-button.tsx'
import { Menu } from '#components/ui/menu.tsx'
import { AgentState } from './agent-state.tsx'
import { NavigationDrawer } from './navigation-drawer.tsx'
import { ThemeChoices } from './theme-menu.tsx'
import { UserMenu } from './user-menu.tsx'

export function TopBar({ user }: { user: { name: string } }) {
  return (
    <header className="sticky top-0 z-30 flex h-12 items-center gap-1 border-b border-line bg-surface px-2 sm:px-4 lg:px-5">
      <NavigationDrawer />
      <div className="min-w-0 grow">
        <AgentState />
      </div>
      <Menu trigger={<IconButton label="Theme" icon={<SunMoon aria-hidden className="size-4" />} />}>
        <ThemeChoices />
      </Menu>
      <UserMenu user={user} />
    </header>
  )
}
