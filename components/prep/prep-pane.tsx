import type { ReactNode } from 'react'
import Link from 'next/link'
import type { UseQueryResult } from '@tanstack/react-query'
import { ArrowRight } from 'lucide-react'
import { toFailure } from '#lib/client/failure.ts'
import type { PrepReply, PrepSystem } from '#lib/prep/prep.ts'
import { checkerOf } from '#lib/prep/report.ts'
import type { PrepState } from '#lib/prep/state.ts'
import { places } from '#components/places.ts'
import { Button, buttonLook } from '#components/ui/button.tsx'
import { Card } from '#components/ui/card.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { Segmented } from '#components/ui/segmented.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { consoleAddress } from './console-address.ts'
import { PrepSteps, type Way } from './prep-steps.tsx'
import { doneText, isDone, nextToDo } from './prep-words.ts'
import { SystemField } from './system-field.tsx'
import { usePrepLink } from './use-prep-link.ts'

const ways: ReadonlyArray<{ value: Way; label: string }> = [
  { value: 'file', label: 'As a file' },
  { value: 'link', label: 'With a link' },
]

type Props = {
  farm: string
  state: PrepState
  states: readonly PrepState[]
  script: UseQueryResult<PrepReply>
  now: number
  way: Way
  onWay: (way: Way) => void
  /** The console's address as it was typed for the backends. */
  address: string
  onAddress: (typed: string) => void
  choosing: boolean
  onSystem: (wanted: { backends: readonly string[]; system: PrepSystem }) => void
  onChoose: (backend: string) => void
}

/** One backend in the guide: its system, the steps, and the way on. */
export function PrepPane({ farm, state, states, script, now, way: wanted, onWay, address, onAddress, choosing, onSystem, onChoose }: Props) {
  const { backend, status, reason, system } = state
  // A link hands out a script that reports; other ways have none.
  const linkable = checkerOf(system) === system
  const way = linkable ? wanted : 'file'
  const making = usePrepLink(farm, backend, system, consoleAddress(address) ?? window.location.origin, now)
  const others = state.farms.filter((name) => name !== farm)
  const description = others.length > 0 ? `${state.address} · also in ${others.join(', ')}, with one script for all` : state.address
  return (
    <Card title={backend} description={description} flush>
      {status === 'not-needed' ? (
        <p className="p-4 text-sm text-ink-soft">{reason}</p>
      ) : (
        <>
          <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3 border-b border-line px-4 py-3">
            <SystemField state={state} states={states} busy={choosing} onChoose={onSystem} />
            {linkable ? <Segmented legend="How it gets there" options={ways} value={way} onChange={onWay} /> : null}
          </div>
          {script.data ? <PrepSteps farm={farm} state={state} script={script.data} way={way} making={making} address={address} onAddress={onAddress} now={now} /> : <NoScript script={script} />}
        </>
      )}
      {status !== 'not-needed' && script.isPending ? null : <Onward farm={farm} state={state} states={states} onChoose={onChoose} />}
    </Card>
  )
}

function NoScript({ script: { error, refetch } }: { script: UseQueryResult<PrepReply> }) {
  if (!error) return <Framed><Skeleton className="h-96 w-full" /></Framed>
  const { status, title, detail, errors } = toFailure(error)
  if (status < 400 || status >= 500) return <Framed><FailureNotice error={error} onRetry={() => void refetch()} /></Framed>
  return (
    <Framed>
      <Notice tone="info" title={errors[0]?.message ?? title}>
        {errors[0]?.hint ?? detail}
      </Notice>
    </Framed>
  )
}

function Framed({ children }: { children: ReactNode }) {
  return <div className="p-4">{children}</div>
}

/** Where to go from here: to the next backend, or back to the farm when every one is verified. */
function Onward({ farm, state, states, onChoose }: { farm: string; state: PrepState; states: readonly PrepState[]; onChoose: (backend: string) => void }) {
  const next = nextToDo(states, state.backend)
  if (states.every(isDone)) {
    return (
      <div className="border-t border-line p-4">
        <Notice
          tone="ok"
          role="status"
          title={doneText(states)}
          actions={
            <Link href={places.farm(farm)} className={buttonLook('primary', 'sm')}>
              Go to farm {farm}
            </Link>
          }
        />
      </div>
    )
  }
  if (!next) return null
  return (
    <div className="flex justify-end border-t border-line px-4 py-3">
      <Button tone={isDone(state) ? 'primary' : 'secondary'} onClick={() => onChoose(next.backend)}>
        Next: {next.backend}
        <ArrowRight aria-hidden className="size-4" />
      </Button>
    </div>
  )
}
