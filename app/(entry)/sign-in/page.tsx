import type { Metadata } from 'next'
import { SignInPage } from '#components/session/sign-in-page.tsx'

export const metadata: Metadata = { title: 'Sign in' }

/** Only a path of this console is gone on to: anything else in the address could lead a user away. */
function localPath(next: string | string[] | undefined): string {
  return typeof next === 'string' && /^\/(?![/\\])[\w/.-]*$/.test(next) ? next : '/'
}

export default async function Page({ searchParams }: { searchParams: Promise<{ next?: string | string[] }> }) {
  return <SignInPage next={localPath((await searchParams).next)} />
}
