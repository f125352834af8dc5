'use client'

import { useSearchParams } from 'next/navigation'
import { useQuery } from '@tanstack/react-query'
import { farmsQuery, statusQuery } from '#lib/client/queries.ts'
import type { Farm } from '#lib/domain/farm.ts'
import { places } from '#components/places.ts'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Select } from '#components/ui/select.tsx'
import { EventList } from './event-list.tsx'

/** The events of all farms, or of the farm and backend that the address names. */
export function EventsPage() {
  const parameters = useSearchParams()
  const farm = parameters.get('farm')
  const backend = farm === null ? null : parameters.get('backend')
  const { data: status } = useQuery(statusQuery)
  const { data: farms } = useQuery(farmsQuery(status?.generation))
  const show = (place: string) => window.history.replaceState(null, '', place)
  const backends = farms?.find(({ name }) => name === farm)?.backends
  return (
    <>
      <PageHeader title="Events" description="When backends failed their health check and when they were back, the newest first. Kept for 30 days." />
      <div role="search" className="mb-3 flex flex-wrap gap-3">
        <Select aria-label="Farm" className="w-full sm:w-60" value={farm ?? ''} options={choices('All farms', farm, farms)} onChange={(event) => show(places.events(event.target.value))} />
        {farm === null ? null : <Select aria-label="Backend" className="w-full sm:w-60" value={backend ?? ''} options={choices('All backends', backend, backends)} onChange={(event) => show(places.events(farm, event.target.value))} />}
      </div>
      <EventList key={`${farm} ${backend}`} scope={{ farm, backend }} />
    </>
  )
}

/** Every name, and the chosen one also when there is none like it any more. */
function choices(all: string, chosen: string | null, named: ReadonlyArray<Pick<Farm, 'name'>> = []) {
  const names = named.map(({ name }) => name)
  return [{ value: '', label: all }, ...[...names, ...(chosen === null || names.includes(chosen) ? [] : [chosen])].map((name) => ({ value: name, label: name }))]
}
