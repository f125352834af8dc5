'use client'

import { useQuery } from '@tanstack/react-query'
import { CircleCheck, LoaderCircle, TriangleAlert, Unplug } from 'lucide-react'
import { statusQuery } from '#lib/client/queries.ts'
import type { SystemStatus } from '#lib/domain/replies.ts'
import { Hint } from '#components/ui/hint.tsx'

type Shown = { icon: typeof CircleCheck; tone: string; short: string; long: string }

/** Whether the agent is there and its engine runs, in the top bar of every page. */
export function AgentState() {
  const { data, isError } = useQuery(statusQuery)
  const { icon: Icon, tone, short, long } = describe(data, isError)
  return (
    <Hint text={long}>
      <button type="button" className="flex h-8 max-w-full min-w-0 items-center gap-1.5 rounded-md px-2 text-sm text-ink-soft hover:bg-sunken">
        <Icon aria-hidden className={`size-4 shrink-0 ${tone}`} />
        <span className="truncate">{short}</span>
      </button>
    </Hint>
  )
}

function describe(status: SystemStatus | undefined, failed: boolean): Shown {
  if (failed) return { icon: Unplug, tone: 'text-danger', short: 'Console not reachable', long: 'This page gets no answer from the console. What you see may be old.' }
  if (!status) return { icon: LoaderCircle, tone: 'text-ink-faint', short: 'Agent …', long: 'Asking for the state of the agent.' }
  const { agent, faults } = status
  if (!agent.connected) return { icon: Unplug, tone: 'text-danger', short: 'Agent away', long: agent.message ?? 'The agent does not answer.' }
  const stopped = faults.some((fault) => fault.code === 'engine-down' || fault.code === 'engine-missing')
  const engines = agent.engines.map(({ name, version, running }) => `Engine ${version ? `${name} ${version}` : name} ${running ? 'runs' : stopped ? 'does not run' : 'starts with its first farm'}.`)
  const long = ['The agent answers.', ...engines].join(' ')
  if (stopped) return { icon: TriangleAlert, tone: 'text-warn', short: 'Engine stopped', long }
  return { icon: CircleCheck, tone: 'text-ok', short: 'Agent connected', long }
}
