import type { Metadata } from 'next'
import { RunPage } from '#components/doctor/run-page.tsx'

type Props = { params: Promise<{ run: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Run ${(await params).run} of the doctor` }
}

export default async function Page({ params }: Props) {
  return <RunPage run={(await params).run} />
}
