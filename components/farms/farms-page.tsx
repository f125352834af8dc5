'use client'

import { useDeferredValue, useMemo, useState } from 'react'
import Link from 'next/link'
import { Plus, Search } from 'lucide-react'
import { places } from '#components/places.ts'
import { buttonLook } from '#components/ui/button.tsx'
import { Card } from '#components/ui/card.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { Input } from '#components/ui/input.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { ShowMore } from '#components/ui/show-more.tsx'
import { SkeletonRows } from '#components/ui/skeleton.tsx'
import { filterRows } from './farm-rows.ts'
import { FarmTable } from './farm-table.tsx'
import { NoFarms } from './no-farms.tsx'
import { useFarmRows } from './use-farm-rows.ts'

/** Rows that are drawn at first: a thousand of them would make every key in the filter slow. */
const portion = 100

export function FarmsPage() {
  const { rows, error, retry } = useFarmRows()
  const [filter, setFilter] = useState('')
  const deferred = useDeferredValue(filter)
  const [limit, setLimit] = useState(portion)
  const shown = useMemo(() => (rows ? filterRows(rows, deferred) : []), [rows, deferred])
  const create = (
    <Link href={places.newFarm} className={buttonLook('primary')}>
      <Plus aria-hidden className="size-4" />
      New farm
    </Link>
  )
  return (
    <>
      <PageHeader title="Farms" actions={create} />
      {error ? <FailureNotice error={error} onRetry={retry} /> : null}
      <Card flush>
        {rows?.length === 0 ? (
          <NoFarms />
        ) : (
          <>
            <div role="search" className="flex flex-wrap items-center gap-3 border-b border-line px-4 py-2.5">
              <div className="relative w-full max-w-80">
                <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-ink-faint" />
                <Input type="search" aria-label="Filter farms" placeholder="Name, address, port, status …" className="pl-8" value={filter} onChange={(event) => setFilter(event.target.value)} />
              </div>
              <p role="status" className="nums text-xs text-ink-faint">
                {rows ? (shown.length === rows.length ? `${rows.length} ${rows.length === 1 ? 'farm' : 'farms'}` : `${shown.length} of ${rows.length} farms`) : ''}
              </p>
            </div>
            {!rows ? error ? null : <SkeletonRows rows={8} /> : shown.length > 0 ? <FarmTable rows={shown.slice(0, limit)} /> : <p className="px-4 py-8 text-center text-sm text-ink-soft">No farm matches “{deferred}”.</p>}
            <ShowMore total={shown.length} limit={limit} portion={portion} onLimit={setLimit} />
          </>
        )}
      </Card>
    </>
  )
}
