'use client'

import Link from 'next/link'
import { useInfiniteQuery } from '@tanstack/react-query'
import { History } from 'lucide-react'
import { revisionsQuery } from '#lib/client/queries.ts'
import type { Revision } from '#lib/domain/replies.ts'
import { ChangeTable } from '#components/farms/change-table.tsx'
import { farmChanges } from '#components/farms/farm-changes.ts'
import { places } from '#components/places.ts'
import { Card } from '#components/ui/card.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { MoreButton } from '#components/ui/more-button.tsx'
import { SkeletonRows } from '#components/ui/skeleton.tsx'
import { Time } from '#components/ui/time.tsx'
import { actorText } from './actor-text.ts'

type Change = Revision['changes'][number]

/** Revisions, the newest first, each with the fields that it changed; only those of one farm when it is given. */
export function RevisionList({ farm = null }: { farm?: string | null }) {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({ ...revisionsQuery, refetchInterval: 10_000 })
  if (error && !data) return <FailureNotice error={error} onRetry={() => void refetch()} />
  if (!data) {
    return (
      <Card flush>
        <SkeletonRows />
      </Card>
    )
  }
  const revisions = data.pages.flatMap((page) => page.items).flatMap((revision) => ofFarm(revision, farm))
  return (
    <Card flush>
      {revisions.length > 0 ? (
        <ol className="divide-y divide-line">
          {revisions.map((revision) => (
            <Entry key={revision.generation} revision={revision} />
          ))}
        </ol>
      ) : hasNextPage ? (
        <p className="px-4 py-6 text-center text-sm text-ink-soft">No change of this farm among the newest ones.</p>
      ) : (
        <EmptyState icon={<History aria-hidden className="size-5" />} title="No changes yet">
          Every saved change is kept here, with who made it and what was before.
        </EmptyState>
      )}
      <MoreButton shown={hasNextPage} busy={isFetchingNextPage} onMore={() => void fetchNextPage()} />
    </Card>
  )
}

function ofFarm(revision: Revision, farm: string | null): Revision[] {
  if (farm === null) return [revision]
  const changes = revision.changes.filter((change) => change.farm === farm)
  return changes.length > 0 ? [{ ...revision, changes }] : []
}

function Entry({ revision: { generation, at, actor, changes } }: { revision: Revision }) {
  return (
    <li>
      <article aria-label={`Generation ${generation}`} className="px-4 py-3">
        <header className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 text-sm">
          <span className="nums rounded-sm bg-sunken px-1.5 py-0.5 text-xs font-medium text-ink-soft">Generation {generation}</span>
          <span className="font-medium">{changes.map(verb).join(', ') || 'no farm changed'}</span>
          <span className="text-ink-faint">
            {actorText(actor)} · <Time iso={at} />
          </span>
        </header>
        {changes.map((change) => (
          <FarmDifference key={change.farm} change={change} />
        ))}
      </article>
    </li>
  )
}

function verb({ farm, before, after }: Change): string {
  return `${farm} ${before === null ? 'created' : after === null ? 'deleted' : 'changed'}`
}

function FarmDifference({ change: { farm, before, after } }: { change: Change }) {
  const changes = farmChanges(before, after)
  const words = changes.length === 1 ? '1 field' : `${changes.length} fields`
  return (
    <details open={before !== null && after !== null && changes.length <= 4} className="group mt-2">
      <summary className="w-fit rounded-sm text-sm text-ink-soft hover:text-ink">
        {words} of {farm}
      </summary>
      <div className="mt-1 overflow-x-auto rounded-md border border-line">
        <ChangeTable label={`Changes of ${farm}`} changes={changes} />
      </div>
      {after ? (
        <Link href={places.farm(farm)} className="mt-1 inline-block rounded-sm text-xs text-accent underline underline-offset-2">
          Open {farm}
        </Link>
      ) : null}
    </details>
  )
}
