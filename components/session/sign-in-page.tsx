'use client'

import { useEffect, useState } from 'react'
import { useRouter } from 'next/navigation'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { keys, sessionQuery } from '#lib/client/queries.ts'
import { Button } from '#components/ui/button.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { Logo } from '#components/ui/logo.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { PasswordForm } from './password-form.tsx'
import { SignInForm } from './sign-in-form.tsx'
import { Waiting } from './waiting.tsx'

const formId = 'first-password'

/** Sign-in, and on the first run the choice of the administrator's own password. `next` is the page to go on to. */
export function SignInPage({ next }: { next: string }) {
  const { data: session, error, refetch } = useQuery(sessionQuery)
  const [typed, setTyped] = useState<string | null>(null)
  const client = useQueryClient()
  const router = useRouter()
  const user = session?.user ?? null
  const ready = user !== null && !user.mustChangePassword
  useEffect(() => {
    if (ready) router.replace(next)
  }, [ready, router, next])

  if (ready || (!session && !error)) return <Waiting />
  const refresh = () => client.invalidateQueries({ queryKey: keys.session })
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <div className="w-full max-w-sm">
        <div className="mb-5 flex items-center gap-2.5">
          <Logo className="size-8" />
          <span className="text-xl font-semibold tracking-tight">Tangent</span>
        </div>
        <div className="rounded-lg border border-line bg-surface p-5 shadow-raised">
          {user ? (
            <>
              <h1 className="mb-1 text-lg font-semibold">Choose your own password</h1>
              <p className="mb-4 text-sm text-ink-soft">The one-time password has done its work, {user.name}. Replace it now; nothing else can be done before.</p>
              <PasswordForm id={formId} known={typed} currentLabel="One-time password" onDone={() => void refresh()} />
              <Button tone="primary" type="submit" form={formId} className="mt-5 w-full">
                Save and go on
              </Button>
            </>
          ) : (
            <>
              <h1 className="mb-4 text-lg font-semibold">Sign in</h1>
              {error ? <FailureNotice error={error} onRetry={() => void refetch()} /> : null}
              {session?.setupNeeded ? (
                <div className="mb-4">
                  <Notice tone="warning" title="There is no administrator yet">
                    Restart the console: it makes one and prints its one-time password.
                  </Notice>
                </div>
              ) : null}
              <SignInForm
                onDone={(password) => {
                  setTyped(password)
                  void refresh()
                }}
              />
            </>
          )}
        </div>
        {user ? null : (
          <p className="mt-4 text-xs text-ink-faint">
            First time here? Sign in as <strong className="font-medium text-ink-soft">admin</strong> with the one-time password that was printed when the console first started.
          </p>
        )}
      </div>
    </main>
  )
}
