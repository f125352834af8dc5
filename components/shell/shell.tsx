'use client'

import type { ReactNode } from 'react'
import Link from 'next/link'
import { Logo } from '#components/ui/logo.tsx'
import { Navigation } from './navigation.tsx'
import { PendingBanner } from './pending-banner.tsx'
import { SessionGate } from '#components/session/session-gate.tsx'
import { TopBar } from './top-bar.tsx'

/** The frame of every page behind the sign-in: navigation, top bar, banner, and the page itself. */
export function Shell({ children }: { children: ReactNode }) {
  return (
    <SessionGate>
      {(user) => (
        <div className="lg:grid lg:grid-cols-[13.5rem_minmax(0,1fr)]">
          <a href="#content" className="sr-only rounded-md bg-surface px-3 py-2 text-sm font-medium text-accent shadow-overlay focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50">
            Skip to the content
          </a>
          <aside aria-label="Navigation" className="sticky top-0 hidden h-dvh border-r border-line bg-surface p-3 lg:block">
            <Link href="/" className="mb-4 flex h-8 items-center gap-2 rounded-md pl-2 text-base font-semibold tracking-tight">
              <Logo />
              Tangent
            </Link>
            <Navigation />
          </aside>
          <div className="flex min-h-dvh min-w-0 flex-col">
            <TopBar user={user} />
            <PendingBanner />
            <main id="content" tabIndex={-1} className="mx-auto w-full max-w-[84rem] grow p-4 focus:outline-none sm:p-6">
              {children}
            </main>
          </div>
        </div>
      )}
    </SessionGate>
  )
}
