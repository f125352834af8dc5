import type { Metadata } from 'next'
import { EditFarmPage } from '#components/farm-form/edit-farm-page.tsx'

type Props = { params: Promise<{ farm: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Edit ${(await params).farm}` }
}

export default async function Page({ params }: Props) {
  return <EditFarmPage farm={(await params).farm} />
}
