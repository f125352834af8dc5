'use client'

import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from 'react'
import Link from 'next/link'
import { Toast } from 'radix-ui'
import { CircleCheck, TriangleAlert, X } from 'lucide-react'

/** `link`: where to do what the message asks for. */
export type Announcement = { tone: 'ok' | 'warning'; title: string; detail?: string; link?: { label: string; href: string } }

const AnnounceContext = createContext<(announcement: Announcement) => void>(() => undefined)

/** Says what has just happened, in a corner and aloud, without moving the focus. */
export function useAnnounce(): (announcement: Announcement) => void {
  return useContext(AnnounceContext)
}

const milliseconds = { ok: 6000, warning: 20_000 } as const

export function Announcements({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<Array<Announcement & { id: number }>>([])
  const announce = useCallback((announcement: Announcement) => setShown((list) => [...list.slice(-2), { ...announcement, id: (list.at(-1)?.id ?? 0) + 1 }]), [])
  const dismiss = (id: number) => setShown((list) => list.filter((one) => one.id !== id))
  const toasts = useMemo(() => shown.map((one) => ({ ...one, Icon: one.tone === 'ok' ? CircleCheck : TriangleAlert })), [shown])
  return (
    <AnnounceContext value={announce}>
      <Toast.Provider swipeDirection="right" label="Message">
        {children}
        {toasts.map(({ id, tone, title, detail, link, Icon }) => (
          <Toast.Root
            key={id}
            duration={milliseconds[tone]}
            onOpenChange={(open) => (open ? undefined : dismiss(id))}
            className="flex items-start gap-2.5 rounded-lg border border-line-strong bg-surface px-3.5 py-3 text-sm shadow-overlay"
          >
            <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${tone === 'ok' ? 'text-ok' : 'text-warn'}`} />
            <div className="min-w-0 grow">
              <Toast.Title className="font-medium text-ink">{title}</Toast.Title>
              {detail ? <Toast.Description className="text-ink-soft">{detail}</Toast.Description> : null}
              {link ? (
                <Toast.Action asChild altText={`${link.label}: ${link.href}`}>
                  <Link href={link.href} className="mt-1 inline-block rounded-sm text-accent underline underline-offset-2">
                    {link.label}
                  </Link>
                </Toast.Action>
              ) : null}
            </div>
            <Toast.Close aria-label="Dismiss" className="-m-1 grid size-7 shrink-0 place-items-center rounded-md text-ink-faint hover:bg-sunken hover:text-ink">
              <X aria-hidden className="size-4" />
            </Toast.Close>
          </Toast.Root>
        ))}
        <Toast.Viewport className="fixed top-14 right-3 z-50 flex w-96 max-w-[calc(100vw-1.5rem)] flex-col gap-2 outline-none" />
      </Toast.Provider>
    </AnnounceContext>
  )
}
