import type { Metadata } from 'next'
import { NewFarmPage } from '#components/farm-form/new-farm-page.tsx'

export const metadata: Metadata = { title: 'New farm' }

export default function Page() {
  return <NewFarmPage />
}
