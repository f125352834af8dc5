import { places } from '#components/places.ts'
import { PageHeader } from '#components/ui/page-header.tsx'
import { FarmForm } from './farm-form.tsx'

export function NewFarmPage() {
  return (
    <>
      <PageHeader title="New farm" crumbs={[{ label: 'Farms', href: places.farms }]} />
      <FarmForm current={null} />
    </>
  )
}
