import type { Metadata } from 'next'
import { FarmsPage } from '#components/farms/farms-page.tsx'

export const metadata: Metadata = { title: 'Farms' }

export default function Page() {
  return <FarmsPage />
}
