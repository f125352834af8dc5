import type { Metadata } from 'next'
import { FarmPage } from '#components/farms/farm-page.tsx'

type Props = { params: Promise<{ farm: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Farm ${(await params).farm}` }
}

export default async function Page({ params }: Props) {
  return <FarmPage farm={(await params).farm} />
}
