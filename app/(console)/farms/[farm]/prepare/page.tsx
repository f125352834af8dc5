import type { Metadata } from 'next'
import { PrepPage } from '#components/prep/prep-page.tsx'

type Props = { params: Promise<{ farm: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Prepare ${(await params).farm}` }
}

export default async function Page({ params }: Props) {
  return <PrepPage farm={(await params).farm} />
}
