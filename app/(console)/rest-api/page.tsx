import type { Metadata } from 'next'
import { RestApiPage } from '#components/rest-api/rest-api-page.tsx'

export const metadata: Metadata = { title: 'API' }

export default function Page() {
  return <RestApiPage />
}
