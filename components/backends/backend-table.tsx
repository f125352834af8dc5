import { useState, type ReactNode } from 'react'
import { useQuery } from '@tanstack/react-query'
import { farmHealthQuery } from '#lib/client/health-queries.ts'
import { farmStatsQuery } from '#lib/client/queries.ts'
import { monitorOf, type Farm } from '#lib/domain/farm.ts'
import type { FarmStatus } from '#lib/domain/status.ts'
import { useExamine } from '#components/doctor/use-examine.ts'
import { BackendHealthLine, type HealthProps } from '#components/health/backend-health.tsx'
import { AdminStateLabel } from '#components/status/admin-state-label.tsx'
import { PlanDialog } from '#components/status/plan-dialog.tsx'
import { StatusLabel } from '#components/status/status-label.tsx'
import { Input } from '#components/ui/input.tsx'
import { NotKnown } from '#components/ui/not-known.tsx'
import { ShowMore } from '#components/ui/show-more.tsx'
import { Cell, Table } from '#components/ui/table.tsx'
import { useNow } from '#components/ui/use-now.ts'
import { useWide } from '#components/ui/use-wide.ts'
import { AdminStateButtons } from './admin-state-buttons.tsx'
import { ActiveMark, addressText, MacText } from './backend-facts.tsx'
import { BackendMenu } from './backend-menu.tsx'
import { filterBackends } from './filter-backends.ts'
import { sharesOf, type Share } from './share.ts'
import { useAdminState, type Wanted } from './use-admin-state.ts'

const columns = [
  { label: 'Status', className: 'w-28' },
  { label: 'Backend' },
  { label: 'Address and MAC' },
  { label: 'Admin state', className: 'w-26' },
  { label: 'Active', className: 'w-18' },
  { label: 'Weight', className: 'w-16 text-right' },
  { label: 'Share now', className: 'w-22 text-right' },
  { label: 'In all', className: 'w-28 text-right' },
  { label: 'Actions', hidden: true },
]

/** Backends that are drawn at first: each has buttons and the strips of its probes. */
const portion = 50

const titles = { enabled: 'Enable', draining: 'Drain', disabled: 'Disable' } as const

type RowProps = HealthProps & { share: Share | null; byMac: boolean; running: Wanted | null; onChange: (wanted: Wanted) => void; onExamine: (backend: string) => void }

/** The backends of a farm: what is wanted, what is, and what can be done. A table in a wide window, a list in a narrow one. */
export function BackendTable({ farm, status }: { farm: Farm; status: FarmStatus | null }) {
  const { change, confirm, cancel, asked, running, saving } = useAdminState(farm.name)
  const { examine } = useExamine()
  const { data: stats = null } = useQuery(farmStatsQuery(farm.name))
  const { data: health } = useQuery({ ...farmHealthQuery(farm.name), enabled: farm.backends.some((backend) => monitorOf(farm, backend) !== null) })
  const now = useNow()
  const shares = sharesOf(farm, status, stats)
  const label = asked ? `${titles[asked.wanted.adminState]} ${asked.wanted.backend}` : ''
  const wide = useWide()
  const [limit, setLimit] = useState(portion)
  const [filter, setFilter] = useState('')
  const found = filterBackends(farm.backends, status, filter)
  const rows = found.slice(0, limit).map(
    (backend): RowProps => ({
      farm,
      backend,
      seen: status?.backends.find((one) => one.name === backend.name) ?? null,
      faults: status?.faults ?? [],
      probes: health?.backends.find((one) => one.name === backend.name)?.probes ?? null,
      now,
      share: shares.get(backend.name) ?? null,
      byMac: farm.mode === 'dsr',
      running,
      onChange: change,
      onExamine: (name: string) => examine({ farm: farm.name, backend: name }),
    }),
  )
  return (
    <>
      {farm.backends.length > portion ? (
        <div role="search" className="flex flex-wrap items-center gap-3 border-b border-line px-4 py-2.5">
          <Input type="search" aria-label="Filter backends" placeholder="Name, address, status such as error …" className="max-w-80" value={filter} onChange={(event) => setFilter(event.target.value)} />
          <p role="status" className="nums text-xs text-ink-faint">
            {found.length === farm.backends.length ? `${found.length} backends` : `${found.length} of ${farm.backends.length} backends`}
          </p>
        </div>
      ) : null}
      {wide ? (
        <Table label="Backends" columns={columns}>
          {rows.map((row) => (
            <Row key={row.backend.name} {...row} />
          ))}
        </Table>
      ) : (
        <ul aria-label="Backends" className="divide-y divide-line">
          {rows.map((row) => (
            <Item key={row.backend.name} {...row} />
          ))}
        </ul>
      )}
      <ShowMore total={found.length} limit={limit} portion={portion} onLimit={setLimit} />
      <PlanDialog title={`${label}?`} plan={asked?.plan ?? null} confirm={label} busy={saving} onConfirm={confirm} onClose={cancel} />
    </>
  )
}

/** Two rows: what it is and gets, and below what the probes say of it. */
function Row({ share, byMac, running, onChange, onExamine, ...health }: RowProps) {
  const { farm, backend, seen } = health
  return (
    <>
      <tr className="border-b-0">
        <Cell>
          <StatusLabel status={seen?.status ?? 'unmonitored'} />
        </Cell>
        <Cell header className="font-medium whitespace-nowrap">
          {backend.name}
        </Cell>
        <Cell className="font-mono text-xs whitespace-nowrap text-ink-soft">
          <Two second={<MacText backend={backend} seen={seen} needed={byMac} />}>{addressText(backend)}</Two>
        </Cell>
        <Cell>
          <AdminStateLabel adminState={backend.adminState} />
        </Cell>
        <Cell>
          <ActiveMark seen={seen} />
        </Cell>
        <Cell className="nums text-right whitespace-nowrap">
          <Two second={`prio ${backend.priority}`}>{backend.weight}</Two>
        </Cell>
        <Cell className="nums text-right whitespace-nowrap">
          <Two second={share?.byWeight ? <span title="Its weight among the active backends">{share.byWeight} due</span> : ''}>{share?.now ?? <NotKnown />}</Two>
        </Cell>
        <Cell className="nums text-right whitespace-nowrap">
          <Two second={share?.packets ?? ''}>{share?.bytes ?? <NotKnown />}</Two>
        </Cell>
        <Cell>
          <div className="flex items-center justify-end gap-1">
            <AdminStateButtons backend={backend} running={running} onChange={onChange} />
            <BackendMenu farm={farm.name} backend={backend.name} prepared={byMac} onExamine={onExamine} />
          </div>
        </Cell>
      </tr>
      <tr>
        <td colSpan={columns.length} className="px-4 pb-2.5">
          <BackendHealthLine {...health} />
        </td>
      </tr>
    </>
  )
}

function Two({ children, second }: { children: ReactNode; second: ReactNode }) {
  return (
    <>
      <span className="block">{children}</span>
      <span className="block text-xs text-ink-faint">{second}</span>
    </>
  )
}

function Item({ share, byMac, running, onChange, onExamine, ...health }: RowProps) {
  const { farm, backend, seen } = health
  const facts = [
    { term: 'Admin state', value: <AdminStateLabel adminState={backend.adminState} /> },
    { term: 'Active', value: <ActiveMark seen={seen} /> },
    { term: 'MAC', value: <MacText backend={backend} seen={seen} needed={byMac} /> },
    { term: 'Weight and priority', value: `${backend.weight} · ${backend.priority}` },
    { term: 'Share now', value: `${share?.now ?? 'not known'}${share?.byWeight ? `, ${share.byWeight} due` : ''}` },
    { term: 'In all', value: share?.bytes ? `${share.bytes}, ${share.packets}` : 'not known' },
  ]
  return (
    <li aria-label={backend.name} className="space-y-2 px-4 py-3">
      <div className="flex flex-wrap items-baseline justify-between gap-x-3">
        <p className="min-w-0">
          <span className="font-medium">{backend.name}</span> <span className="font-mono text-xs text-ink-soft">{addressText(backend)}</span>
        </p>
        <StatusLabel status={seen?.status ?? 'unmonitored'} />
      </div>
      <dl className="grid grid-cols-2 gap-x-4 gap-y-1 text-sm md:grid-cols-3">
        {facts.map(({ term, value }) => (
          <div key={term}>
            <dt className="text-xs text-ink-faint">{term}</dt>
            <dd className="nums">{value}</dd>
          </div>
        ))}
      </dl>
      <BackendHealthLine {...health} />
      <div className="flex flex-wrap items-center justify-between gap-1">
        <AdminStateButtons backend={backend} running={running} onChange={onChange} />
        <BackendMenu farm={farm.name} backend={backend.name} prepared={byMac} onExamine={onExamine} />
      </div>
    </li>
  )
}
