'use client'

import type { ReactNode } from 'react'
import Link from 'next/link'
import { useSearchParams } from 'next/navigation'
import { useQuery } from '@tanstack/react-query'
import { Pencil } from 'lucide-react'
import { toFailure } from '#lib/client/failure.ts'
import { farmQuery, farmStatusQuery, prepStatesQuery, type VersionedFarm } from '#lib/client/queries.ts'
import type { FarmStatus } from '#lib/domain/status.ts'
import type { PrepState } from '#lib/prep/state.ts'
import { BackendTable } from '#components/backends/backend-table.tsx'
import { FarmDoctor } from '#components/doctor/farm-doctor.tsx'
import { EventList } from '#components/health/event-list.tsx'
import { RevisionList } from '#components/history/revision-list.tsx'
import { farmTabs, places, type FarmTab } from '#components/places.ts'
import { PrepGuide } from '#components/prep/prep-guide.tsx'
import { PrepLine } from '#components/prep/prep-line.tsx'
import { PrepMark } from '#components/prep/prep-mark.tsx'
import { FaultList } from '#components/status/fault-list.tsx'
import { StatusLabel } from '#components/status/status-label.tsx'
import { TrafficCard } from '#components/traffic/traffic-card.tsx'
import { buttonLook } from '#components/ui/button.tsx'
import { Card } from '#components/ui/card.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Skeleton, SkeletonRows } from '#components/ui/skeleton.tsx'
import { Tabs } from '#components/ui/tabs.tsx'
import { DeleteFarm } from './delete-farm.tsx'
import { FarmConfiguration } from './farm-configuration.tsx'
import { FarmPath } from './farm-path.tsx'
import { FarmRules } from './farm-rules.tsx'
import { HandoverCard } from './handover-card.tsx'
import { NoSuchFarm } from './no-such-farm.tsx'
import { endpointText, modeWords, protocolText } from './words.ts'

export function FarmPage({ farm: name }: { farm: string }) {
  const { data: current, error, refetch } = useQuery(farmQuery(name))
  const { data: status = null } = useQuery({ ...farmStatusQuery(name), enabled: current !== undefined })
  const prep = useQuery({ ...prepStatesQuery(name), enabled: current !== undefined })
  const states = prep.data ?? (prep.error ? [] : null)
  const crumbs = [{ label: 'Farms', href: places.farms }]
  if (error && !current) return toFailure(error).status === 404 ? <NoSuchFarm farm={name} /> : <FailureNotice error={error} onRetry={() => void refetch()} />
  if (!current) {
    return (
      <>
        <PageHeader title={name} crumbs={crumbs} description={<Skeleton className="h-5 w-72" />} />
        <Card flush>
          <SkeletonRows rows={6} />
        </Card>
      </>
    )
  }
  const { farm } = current
  const edit = (
    <Link href={places.editFarm(name)} className={buttonLook()}>
      <Pencil aria-hidden className="size-4" />
      Edit
    </Link>
  )
  const actions = (
    <>
      {edit}
      <DeleteFarm current={current} />
    </>
  )
  const place = [status?.interface ? ` · on ${status.interface}` : '', status?.engine ? ` · engine ${status.engine}` : ''].join('')
  return (
    <>
      <PageHeader
        title={farm.name}
        crumbs={crumbs}
        beside={status ? <StatusLabel status={status.status} badge /> : null}
        description={
          <>
            <span className="nums">
              {endpointText(farm)} · {protocolText(farm.protocol)} · {modeWords[farm.mode].label}
              {place}
              {farm.adminState === 'disabled' ? ' · disabled' : ''}
              {status?.pending ? <span className="text-warn"> · not applied yet</span> : null}
            </span>
            {farm.mode === 'dsr' && farm.backends.length > 0 ? <PrepLine farm={farm.name} states={states} /> : null}
          </>
        }
        actions={actions}
      />
      <div className="space-y-4">
        {status && status.faults.length > 0 ? (
          <Card title="Faults" flush>
            <FaultList faults={status.faults} here={farm.name} />
          </Card>
        ) : null}
        <FarmTabs current={current} status={status} states={states} />
      </div>
    </>
  )
}

const labels: Record<FarmTab, string> = { backends: 'Backends', prepare: 'Prepare backends', doctor: 'Doctor', events: 'Events', configuration: 'Configuration', rules: 'Rules', history: 'History' }

function FarmTabs({ current: { farm }, status, states }: { current: VersionedFarm; status: FarmStatus | null; states: readonly PrepState[] | null }) {
  const wanted = useSearchParams().get('tab')
  const tab = farmTabs.find((one) => one === wanted) ?? 'backends'
  const contents: Record<FarmTab, ReactNode> = {
    backends: (
      <div className="space-y-4">
        <Card flush>
          {farm.backends.length > 0 ? <BackendTable farm={farm} status={status} /> : <p className="px-4 py-8 text-center text-sm text-ink-soft">This farm has no backends, so it answers nobody. Edit it to add some.</p>}
        </Card>
        {status?.handover ? <HandoverCard handover={status.handover} /> : null}
        <TrafficCard farm={farm} />
        <Card title="Path" description={modeWords[farm.mode].help}>
          <FarmPath farm={farm} status={status} />
        </Card>
      </div>
    ),
    prepare: <PrepGuide farm={farm.name} />,
    doctor: <FarmDoctor farm={farm.name} />,
    events: <EventList scope={{ farm: farm.name, backend: null }} />,
    configuration: <FarmConfiguration farm={farm} />,
    rules: <FarmRules farm={farm.name} />,
    history: <RevisionList farm={farm.name} />,
  }
  const prepared = farm.mode === 'dsr' && farm.backends.length > 0
  const tabs = farmTabs.map((value) => ({ value, label: labels[value], content: contents[value], ...(value === 'prepare' && prepared ? { mark: <PrepMark states={states} /> } : {}) }))
  const show = (value: string) => window.history.replaceState(null, '', places.farm(farm.name, farmTabs.find((one) => one === value)))
  return <Tabs label={`Details of ${farm.name}`} value={tab} onChange={show} tabs={tabs} />
}
