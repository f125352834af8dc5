'use client'

import Link from 'next/link'
import { useQuery } from '@tanstack/react-query'
import { CircleCheck, Plus } from 'lucide-react'
import { statusQuery } from '#lib/client/queries.ts'
import { DoctorCard } from '#components/doctor/doctor-card.tsx'
import { FarmTable } from '#components/farms/farm-table.tsx'
import type { FarmRow } from '#components/farms/farm-rows.ts'
import { NoFarms } from '#components/farms/no-farms.tsx'
import { useFarmRows } from '#components/farms/use-farm-rows.ts'
import { places } from '#components/places.ts'
import { FaultList } from '#components/status/fault-list.tsx'
import { buttonLook } from '#components/ui/button.tsx'
import { Card } from '#components/ui/card.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { SkeletonRows } from '#components/ui/skeleton.tsx'
import { byNeed } from './by-need.ts'
import { Totals } from './totals.tsx'

/** Rows on the overview; the list of all farms has a page of its own. */
const shownFarms = 25

/** What is broken first, then every farm that needs a look, then the others. */
export function OverviewPage() {
  const { data: status } = useQuery(statusQuery)
  const { rows, error, retry } = useFarmRows()
  const actions = (
    <Link href={places.newFarm} className={buttonLook('primary')}>
      <Plus aria-hidden className="size-4" />
      New farm
    </Link>
  )
  const shown = rows ? [...rows].sort(byNeed).slice(0, shownFarms) : null
  return (
    <>
      <PageHeader title="Overview" actions={rows?.length === 0 ? null : actions} />
      <div className="space-y-4">
        {error ? <FailureNotice error={error} onRetry={retry} /> : null}
        <Totals status={status ?? null} />
        <Card title="Faults" flush>
          {!status ? (
            <SkeletonRows rows={1} />
          ) : status.faults.length > 0 ? (
            <FaultList faults={status.faults} />
          ) : (
            <p className="flex items-center gap-2 px-4 py-3 text-sm text-ink-soft">
              <CircleCheck aria-hidden className="size-4 text-ok" />
              Nothing is wrong.
            </p>
          )}
        </Card>
        {rows?.length === 0 ? null : <DoctorCard />}
        <Card title="Farms" flush actions={<AllFarms rows={rows} />}>
          {!shown ? <SkeletonRows rows={6} /> : shown.length === 0 ? <NoFarms /> : <FarmTable rows={shown} />}
        </Card>
      </div>
    </>
  )
}

function AllFarms({ rows }: { rows: FarmRow[] | null }) {
  if (!rows || rows.length <= shownFarms) return null
  return (
    <Link href={places.farms} className="text-sm text-accent underline underline-offset-2">
      All {rows.length} farms
    </Link>
  )
}
