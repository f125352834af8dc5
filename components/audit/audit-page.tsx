'use client'

import { useInfiniteQuery } from '@tanstack/react-query'
import { ScrollText } from 'lucide-react'
import { auditQuery } from '#lib/client/queries.ts'
import type { AuditEntry } from '#lib/domain/replies.ts'
import { actorText } from '#components/history/actor-text.ts'
import { Card } from '#components/ui/card.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { MoreButton } from '#components/ui/more-button.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { SkeletonRows } from '#components/ui/skeleton.tsx'
import { Cell, Table } from '#components/ui/table.tsx'
import { Time } from '#components/ui/time.tsx'

const columns = [{ label: 'Time', className: 'w-52' }, { label: 'Who' }, { label: 'Action' }, { label: 'Target' }, { label: 'Generation', className: 'w-24 text-right' }, { label: 'Details' }]

/** Everything that was done, by whom and when. */
export function AuditPage() {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({ ...auditQuery, refetchInterval: 10_000 })
  const entries = data?.pages.flatMap((page) => page.items)
  return (
    <>
      <PageHeader title="Audit" description="Every change and every sign-in, with who did it. Entries cannot be edited or deleted here." />
      {error && !data ? (
        <FailureNotice error={error} onRetry={() => void refetch()} />
      ) : (
        <Card flush>
          {!entries ? (
            <SkeletonRows rows={8} />
          ) : entries.length === 0 ? (
            <EmptyState icon={<ScrollText aria-hidden className="size-5" />} title="Nothing has happened yet">
              The first change that is made will be the first entry.
            </EmptyState>
          ) : (
            <Table label="Audit entries" columns={columns}>
              {entries.map((entry) => (
                <Entry key={entry.id} entry={entry} />
              ))}
            </Table>
          )}
          <MoreButton shown={hasNextPage} busy={isFetchingNextPage} onMore={() => void fetchNextPage()} />
        </Card>
      )}
    </>
  )
}

function Entry({ entry: { at, actor, action, target, generation, before, after } }: { entry: AuditEntry }) {
  const details = before !== null || after !== null
  return (
    <tr className="align-top">
      <Cell className="text-ink-soft">
        <Time iso={at} />
      </Cell>
      <Cell className="whitespace-nowrap">{actorText(actor)}</Cell>
      <Cell className="font-mono text-xs whitespace-nowrap">{action}</Cell>
      <Cell className="[overflow-wrap:anywhere]">{target}</Cell>
      <Cell className="nums text-right text-ink-soft">{generation ?? ''}</Cell>
      <Cell>
        {details ? (
          <details>
            <summary className="w-fit rounded-sm text-xs text-ink-soft hover:text-ink">
              Before and after <span className="sr-only">of {action} {target}</span>
            </summary>
            <pre tabIndex={0} className="mt-1 max-h-72 max-w-xl overflow-auto rounded-md border border-line bg-sunken p-2 font-mono text-2xs">{JSON.stringify({ before, after }, null, 2)}</pre>
          </details>
        ) : null}
      </Cell>
    </tr>
  )
}
