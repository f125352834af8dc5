'use client'

import { useEffect, useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Hourglass, Unplug } from 'lucide-react'
import { statusQuery } from '#lib/client/queries.ts'
import type { SystemStatus } from '#lib/domain/replies.ts'

/** A change is in the kernel within a moment; a banner that came and went with each would only make the page jump. */
const patience = 3000

/** Says which changes are saved and not applied yet, and why. */
export function PendingBanner() {
  const { data } = useQuery(statusQuery)
  const waiting = data !== undefined && (data.pending || !data.agent.connected)
  const lasting = useLasting(waiting)
  const applied = useLastKnown(data?.appliedGeneration ?? null)
  if (!data || !waiting || !lasting) return null
  const Icon = data.agent.connected ? Hourglass : Unplug
  return (
    <div role="status" className="flex items-start gap-2.5 border-b border-warn/35 bg-warn-soft px-4 py-2 text-sm text-ink sm:px-6">
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
      <p>{words(data, applied)}</p>
    </div>
  )
}

function useLasting(on: boolean): boolean {
  const [lasting, setLasting] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLasting(on), on ? patience : 0)
    return () => clearTimeout(timer)
  }, [on])
  return on && lasting
}

/** What was applied is not known while the agent is away; what it said last still holds, because only the agent applies. */
function useLastKnown(value: number | null): number | null {
  const [last, setLast] = useState(value)
  if (value !== null && value !== last) setLast(value)
  return value ?? last
}

function words({ generation, agent }: SystemStatus, applied: number | null): string {
  const count = applied === null ? null : generation - applied
  if (!agent.connected && count === 0) return 'The agent does not answer. Traffic goes on with the last rules; changes are kept and applied when it is back.'
  const what = count === null ? 'Changes may not be applied yet' : count === 1 ? '1 change is not applied yet' : `${count} changes are not applied yet`
  if (agent.connected) return `${what}: the agent is at work on it. What went wrong, if anything, is on the overview.`
  return `${what}: the agent does not answer. They are kept and applied when it is back; traffic goes on with the last rules.`
}
