'use client'

import Link from 'next/link'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Activity } from 'lucide-react'
import { eventsQuery, type EventScope } from '#lib/client/health-queries.ts'
import type { Event } from '#lib/domain/replies.ts'
import { places } from '#components/places.ts'
import { Card } from '#components/ui/card.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { MoreButton } from '#components/ui/more-button.tsx'
import { SkeletonRows } from '#components/ui/skeleton.tsx'
import { Time } from '#components/ui/time.tsx'
import { useNow } from '#components/ui/use-now.ts'
import { downtimes, type Downtime } from './downtime.ts'
import { downText } from './health-words.ts'
import { VerdictMark } from './verdict-mark.tsx'

/** What became unhealthy and is it no longer, newest first, with the times in between. */
export function EventList({ scope }: { scope: EventScope }) {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(eventsQuery(scope))
  const now = useNow()
  if (error && !data) return <FailureNotice error={error} onRetry={() => void refetch()} />
  const events = data?.pages.flatMap((page) => page.items)
  const times = downtimes(events ?? [])
  return (
    <Card flush>
      {!events ? (
        <SkeletonRows rows={8} />
      ) : events.length === 0 ? (
        <EmptyState icon={<Activity aria-hidden className="size-5" />} title="No events">
          Here is told when a backend fails its health check and when it is back. Events are kept for 30 days.
        </EmptyState>
      ) : (
        <ol aria-label="Events" className="divide-y divide-line">
          {events.map((event) => (
            <Entry key={event.id} event={event} scope={scope} downtime={times.get(event.id) ?? null} now={now} />
          ))}
        </ol>
      )}
      <MoreButton shown={hasNextPage} busy={isFetchingNextPage} onMore={() => void fetchNextPage()} />
    </Card>
  )
}

function Entry({ event: { at, farm, backend, to, reason }, scope, downtime, now }: { event: Event; scope: EventScope; downtime: Downtime | null; now: number }) {
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-0.5 px-4 py-2 text-sm sm:grid-cols-[11rem_minmax(0,1fr)] lg:grid-cols-[11rem_6rem_minmax(6rem,12rem)_minmax(10rem,16.5rem)_minmax(0,1fr)]">
      <span className="text-ink-soft">
        <Time iso={at} />
      </span>
      <span className="font-medium">
        <VerdictMark state={to} />
      </span>
      <span className="[overflow-wrap:anywhere] max-sm:col-span-2 sm:max-lg:col-start-2">
        {scope.farm === null ? (
          <>
            <Link href={places.farm(farm)} prefetch={false} className="rounded-sm text-accent underline underline-offset-2">
              {farm}
            </Link>
            {' / '}
          </>
        ) : null}
        {scope.backend === null ? (
          <Link href={places.events(farm, backend)} prefetch={false} className="rounded-sm text-accent underline underline-offset-2">
            {backend}
          </Link>
        ) : (
          backend
        )}
      </span>
      <span className="nums text-ink-soft max-sm:col-span-2 sm:max-lg:col-start-2">{downtime ? <Down downtime={downtime} begins={to === 'unhealthy'} now={now} /> : null}</span>
      <span className="[overflow-wrap:anywhere] text-ink-soft max-sm:col-span-2 sm:max-lg:col-start-2">{reason}</span>
    </li>
  )
}

/** How long a backend was down, told at both of its ends by the other one. */
function Down({ downtime, begins, now }: { downtime: Downtime; begins: boolean; now: number }) {
  const { from, to, lasts } = downtime
  const long = downText(downtime, now)
  if (long === null) return begins ? 'Down, its end was not recorded' : 'Down since before these events'
  const other = begins ? to : from
  return (
    <>
      {lasts ? `Still down, ${long} so far` : `Down ${long}`}
      {other === null ? null : (
        <>
          , {begins ? 'until' : 'from'} <Time iso={other} />
        </>
      )}
    </>
  )
}
