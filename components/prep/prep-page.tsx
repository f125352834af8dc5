'use client'

import Link from 'next/link'
import { useQuery } from '@tanstack/react-query'
import { toFailure } from '#lib/client/failure.ts'
import { prepStatesQuery } from '#lib/client/queries.ts'
import { NoSuchFarm } from '#components/farms/no-such-farm.tsx'
import { places } from '#components/places.ts'
import { buttonLook } from '#components/ui/button.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PrepGuide } from './prep-guide.tsx'

/** The guide as a page of its own: where a new farm leads, and where one comes back to. */
export function PrepPage({ farm }: { farm: string }) {
  const { error } = useQuery(prepStatesQuery(farm))
  const crumbs = [
    { label: 'Farms', href: places.farms },
    { label: farm, href: places.farm(farm) },
  ]
  const leave = (
    <Link href={places.farm(farm)} className={buttonLook()}>
      Go to farm {farm}
    </Link>
  )
  if (error && toFailure(error).status === 404) return <NoSuchFarm farm={farm} />
  return (
    <>
      <PageHeader
        title={`Prepare the backends of ${farm}`}
        crumbs={crumbs}
        description="With Direct Server Return each backend takes packets for the VIP and answers clients itself, so each must be told to. You can leave and come back at any time."
        actions={leave}
      />
      <PrepGuide farm={farm} />
    </>
  )
}
