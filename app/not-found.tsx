import type { Metadata } from 'next'
import Link from 'next/link'
import { buttonLook } from '#components/ui/button.tsx'
import { Logo } from '#components/ui/logo.tsx'

export const metadata: Metadata = { title: 'Not found' }

export default function NotFound() {
  return (
    <main className="grid min-h-dvh place-items-center p-6">
      <div className="max-w-sm text-center">
        <Logo className="mx-auto mb-4 size-9" />
        <h1 className="text-xl font-semibold tracking-tight">There is no such page</h1>
        <p className="mt-1 mb-4 text-sm text-ink-soft">The address may be mistyped, or what stood here is gone.</p>
        <Link href="/" className={buttonLook('primary')}>
          To the overview
        </Link>
      </div>
    </main>
  )
}
