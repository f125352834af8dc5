'use client'

import { useRef, useState } from 'react'
import { useSearchParams } from 'next/navigation'
import { useQuery } from '@tanstack/react-query'
import { prepQuery, prepStateQuery, prepStatesQuery } from '#lib/client/queries.ts'
import type { PrepState } from '#lib/prep/state.ts'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { useNow } from '#components/ui/use-now.ts'
import { PrepDetails } from './prep-details.tsx'
import { PrepList } from './prep-list.tsx'
import { PrepPane } from './prep-pane.tsx'
import type { Way } from './prep-steps.tsx'
import { nextToDo } from './prep-words.ts'
import { usePrepSystem } from './use-prep-system.ts'

/** Prepares the backends of a farm one after the other. It can be left at any time: what was done is remembered for each machine. */
export function PrepGuide({ farm }: { farm: string }) {
  const { data: states, error, refetch } = useQuery(prepStatesQuery(farm))
  if (!states) return error ? <FailureNotice error={error} onRetry={() => void refetch()} /> : <Skeleton className="h-[36rem] w-full" />
  const [first] = states
  if (!first) return <Notice tone="info" title="Nothing to prepare yet">This farm has no backends. Edit it to add some; each then gets its script here.</Notice>
  if (states.every(({ status }) => status === 'not-needed')) return <Notice tone="info" title="Nothing to prepare">{[...new Set(states.map(({ reason }) => reason))].join(' ')}</Notice>
  return <Guide farm={farm} saved={states} first={first} />
}

function Guide({ farm, saved, first }: { farm: string; saved: readonly PrepState[]; first: PrepState }) {
  const wanted = useSearchParams().get('backend')
  // Chosen once: a backend that becomes verified must not take the page away from under its reader.
  const [start] = useState(() => nextToDo(saved, null)?.backend)
  const { states, choose, busy } = usePrepSystem(farm, saved)
  const find = (name: string | null | undefined) => states.find(({ backend }) => backend === name)
  const state = find(wanted) ?? find(start) ?? first
  const needed = state.status !== 'not-needed'
  useQuery(prepStateQuery(farm, state.backend))
  const script = useQuery({ ...prepQuery(farm, state.backend, state.system), enabled: needed })
  const pane = useRef<HTMLDivElement>(null)
  const now = useNow()
  // How somebody works stays when they go on to the next backend.
  const [way, setWay] = useState<Way>('file')
  const [address, setAddress] = useState(() => window.location.origin)
  const show = (backend: string) => {
    const place = new URL(window.location.href)
    place.searchParams.set('backend', backend)
    window.history.replaceState(null, '', place)
    requestAnimationFrame(() => pane.current?.focus())
  }
  return (
    <div className="space-y-4">
      <div className="grid items-start gap-4 lg:grid-cols-[17rem_minmax(0,1fr)]">
        <PrepList farm={farm} states={states} chosen={state.backend} now={now} onChoose={show} />
        <div ref={pane} tabIndex={-1} className="min-w-0 scroll-mt-16 rounded-lg focus:outline-none">
          <PrepPane
            key={state.backend}
            farm={farm}
            state={state}
            states={states}
            script={script}
            now={now}
            way={way}
            onWay={setWay}
            address={address}
            onAddress={setAddress}
            choosing={busy}
            onSystem={choose}
            onChoose={show}
          />
        </div>
      </div>
      {needed && script.data ? <PrepDetails script={script.data} /> : null}
    </div>
  )
}
