import { Check, Minus } from 'lucide-react'
import type { Backend, Farm } from '#lib/domain/farm.ts'
import type { BackendStatus, FarmStatus } from '#lib/domain/status.ts'
import { AdminStateLabel } from '#components/status/admin-state-label.tsx'
import { PlanDialog } from '#components/status/plan-dialog.tsx'
import { StatusLabel } from '#components/status/status-label.tsx'
import { Cell, Table } from '#components/ui/table.tsx'
import { AdminStateButtons } from './admin-state-buttons.tsx'
import { useAdminState } from './use-admin-state.ts'

const columns = [
  { label: 'Status', className: 'w-32' },
  { label: 'Backend' },
  { label: 'Address' },
  { label: 'Admin state', className: 'w-28' },
  { label: 'Active', className: 'w-20' },
  { label: 'MAC' },
  { label: 'Weight', className: 'w-16 text-right' },
  { label: 'Priority', className: 'w-16 text-right' },
  { label: 'Actions', hidden: true },
]

const titles = { enabled: 'Enable', draining: 'Drain', disabled: 'Disable' } as const

/** The backends of a farm: what is wanted, what is, and what can be done. */
export function BackendTable({ farm, status }: { farm: Farm; status: FarmStatus | null }) {
  const { change, confirm, cancel, asked, running, saving } = useAdminState(farm.name)
  const label = asked ? `${titles[asked.wanted.adminState]} ${asked.wanted.backend}` : ''
  return (
    <>
      <Table label="Backends" columns={columns}>
        {farm.backends.map((backend) => {
          const seen = status?.backends.find((one) => one.name === backend.name) ?? null
          return (
            <tr key={backend.name}>
              <Cell>
                <StatusLabel status={seen?.status ?? 'unmonitored'} />
              </Cell>
              <Cell header className="font-medium whitespace-nowrap">
                {backend.name}
              </Cell>
              <Cell className="font-mono text-xs whitespace-nowrap text-ink-soft">{addressText(backend)}</Cell>
              <Cell>
                <AdminStateLabel adminState={backend.adminState} />
              </Cell>
              <Cell>
                <Active seen={seen} />
              </Cell>
              <Cell className="font-mono text-xs whitespace-nowrap text-ink-soft">
                <Mac backend={backend} seen={seen} />
              </Cell>
              <Cell className="nums text-right">{backend.weight}</Cell>
              <Cell className="nums text-right">{backend.priority}</Cell>
              <Cell>
                <AdminStateButtons backend={backend} running={running} onChange={change} />
              </Cell>
            </tr>
          )
        })}
      </Table>
      <PlanDialog title={`${label}?`} plan={asked?.plan ?? null} confirm={label} busy={saving} onConfirm={confirm} onClose={cancel} />
    </>
  )
}

function addressText({ address, port }: Backend): string {
  if (port === null) return address
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

function Active({ seen }: { seen: BackendStatus | null }) {
  const Icon = seen?.active ? Check : Minus
  return (
    <span className={`inline-flex items-center gap-1.5 ${seen?.active ? 'text-ink' : 'text-ink-faint'}`}>
      <Icon aria-hidden className={`size-4 ${seen?.active ? 'text-ok' : ''}`} />
      {seen?.active ? 'Yes' : 'No'}
    </span>
  )
}

function Mac({ backend, seen }: { backend: Backend; seen: BackendStatus | null }) {
  const mac = seen?.mac ?? backend.mac
  if (mac === null) return <span className="font-sans text-ink-faint">not known</span>
  return (
    <>
      {mac}
      {backend.mac !== null ? <span className="ml-1.5 font-sans text-ink-faint">fixed</span> : null}
    </>
  )
}
