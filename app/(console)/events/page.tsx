import { Suspense } from 'react'
import type { Metadata } from 'next'
import { EventsPage } from '#components/health/events-page.tsx'

export const metadata: Metadata = { title: 'Events' }

export default function Page() {
  return (
    <Suspense>
      <EventsPage />
    </Suspense>
  )
}
