'use client'

import { useQuery } from '@tanstack/react-query'
import { farmQuery } from '#lib/client/queries.ts'
import { NoSuchFarm } from '#components/farms/no-such-farm.tsx'
import { places } from '#components/places.ts'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { toFailure } from '#lib/client/failure.ts'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { FarmForm } from './farm-form.tsx'

export function EditFarmPage({ farm }: { farm: string }) {
  const { data, error, refetch } = useQuery(farmQuery(farm))
  const crumbs = [
    { label: 'Farms', href: places.farms },
    { label: farm, href: places.farm(farm) },
  ]
  if (error && !data) return toFailure(error).status === 404 ? <NoSuchFarm farm={farm} /> : <FailureNotice error={error} onRetry={() => void refetch()} />
  return (
    <>
      <PageHeader title={`Edit ${farm}`} crumbs={crumbs} />
      {data ? (
        <FarmForm current={data} />
      ) : (
        <div role="status" aria-label="Loading" className="space-y-4">
          <Skeleton className="h-56 w-full" />
          <Skeleton className="h-72 w-full" />
          <Skeleton className="h-48 w-full" />
        </div>
      )}
    </>
  )
}
