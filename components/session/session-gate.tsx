'use client'

import { useEffect, type ReactNode } from 'react'
import { usePathname, useRouter } from 'next/navigation'
import { useQuery } from '@tanstack/react-query'
import { sessionQuery } from '#lib/client/queries.ts'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { Waiting } from './waiting.tsx'

/** Lets in who is signed in; everyone else is led to the sign-in page and back afterwards. */
export function SessionGate({ children }: { children: (user: { name: string }) => ReactNode }) {
  const { data: session, error, refetch } = useQuery(sessionQuery)
  const router = useRouter()
  const pathname = usePathname()
  const user = session?.user && !session.user.mustChangePassword ? session.user : null
  useEffect(() => {
    if (session && !user) router.replace(pathname === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(pathname)}`)
  }, [session, user, router, pathname])
  if (error && !session) {
    return (
      <main className="mx-auto max-w-xl p-6">
        <FailureNotice error={error} onRetry={() => void refetch()} />
      </main>
    )
  }
  return user ? children(user) : <Waiting />
}
