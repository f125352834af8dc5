'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { Activity, Braces, History, KeyRound, LayoutDashboard, ScrollText, Server, Stethoscope } from 'lucide-react'

const places = [
  { href: '/', label: 'Overview', icon: LayoutDashboard },
  { href: '/farms', label: 'Farms', icon: Server },
  { href: '/doctor', label: 'Doctor', icon: Stethoscope },
  { href: '/events', label: 'Events', icon: Activity },
  { href: '/history', label: 'History', icon: History },
  { href: '/audit', label: 'Audit', icon: ScrollText },
  { href: '/tokens', label: 'Tokens', icon: KeyRound },
  { href: '/rest-api', label: 'API', icon: Braces },
] as const

/** Where one can go; the place one is in is marked for eyes and for screen readers. */
export function Navigation({ onNavigate }: { onNavigate?: () => void }) {
  const pathname = usePathname()
  return (
    <nav aria-label="Main">
      <ul className="space-y-0.5">
        {places.map(({ href, label, icon: Icon }) => {
          const here = href === '/' ? pathname === '/' : pathname === href || pathname.startsWith(`${href}/`)
          return (
            <li key={href}>
              <Link
                href={href}
                onClick={onNavigate}
                aria-current={here ? 'page' : undefined}
                className={`flex h-8 items-center gap-2.5 rounded-md px-2.5 text-sm font-medium transition-colors ${here ? 'bg-accent-soft text-accent' : 'text-ink-soft hover:bg-sunken hover:text-ink'}`}
              >
                <Icon aria-hidden className="size-4 shrink-0" />
                {label}
              </Link>
            </li>
          )
        })}
      </ul>
    </nav>
  )
}
