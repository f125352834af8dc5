import { memo, useMemo } from 'react'
import Link from 'next/link'
import { useQuery } from '@tanstack/react-query'
import { statsQuery } from '#lib/client/queries.ts'
import { places } from '#components/places.ts'
import { StatusLabel } from '#components/status/status-label.tsx'
import { unitText } from '#components/traffic/units.ts'
import { NotKnown } from '#components/ui/not-known.tsx'
import { Cell, Table } from '#components/ui/table.tsx'
import type { FarmRow } from './farm-rows.ts'
import { endpointText, modeShort, protocolText } from './words.ts'

const columns = [
  { label: 'Status', className: 'w-32' },
  { label: 'Farm' },
  { label: 'Active backends', className: 'sm:w-36' },
  { label: 'VIP and ports' },
  { label: 'Protocol', className: 'w-36 max-md:hidden' },
  { label: 'Mode', className: 'w-36 max-md:hidden' },
  { label: 'Traffic in', className: 'w-28 text-right max-md:hidden' },
]

/** Farms, one per row; the name is the link, and the whole row leads there for the mouse. */
export function FarmTable({ rows }: { rows: readonly FarmRow[] }) {
  const { data } = useQuery(statsQuery)
  const bits = useMemo(() => new Map(data?.farms.map(({ name, rates }) => [name, rates?.bits ?? null])), [data])
  return (
    <Table label="Farms" columns={columns}>
      {rows.map(({ farm, status }) => (
        <Row key={farm.name} farm={farm} status={status} bits={bits.get(farm.name) ?? null} />
      ))}
    </Table>
  )
}

const Row = memo(function Row({ farm, status, bits }: FarmRow & { bits: number | null }) {
  return (
    <tr className="relative hover:bg-sunken/60">
      <Cell>
        <StatusLabel status={status?.status ?? 'unmonitored'} />
      </Cell>
      <Cell header className="font-medium">
        <Link href={places.farm(farm.name)} prefetch={false} className="rounded-sm text-ink after:absolute after:inset-0 hover:text-accent hover:underline">
          {farm.name}
        </Link>
        {farm.adminState === 'disabled' ? <span className="ml-2 text-xs font-normal text-ink-faint">disabled</span> : null}
        {status?.pending ? <span className="ml-2 text-xs font-normal text-warn">not applied yet</span> : null}
      </Cell>
      <Cell className="nums whitespace-nowrap">
        <ActiveShare active={status?.active ?? 0} total={farm.backends.length} fine={status?.status === 'online'} />
      </Cell>
      <Cell className="nums max-w-96 truncate text-ink-soft">
        <span title={endpointText(farm)}>{endpointText(farm)}</span>
      </Cell>
      <Cell className="whitespace-nowrap text-ink-soft max-md:hidden">{protocolText(farm.protocol)}</Cell>
      <Cell className="whitespace-nowrap text-ink-soft max-md:hidden">{modeShort[farm.mode]}</Cell>
      <Cell className="nums text-right whitespace-nowrap text-ink-soft max-md:hidden">{bits === null ? <NotKnown /> : unitText(bits, 'bit/s')}</Cell>
    </tr>
  )
})

function ActiveShare({ active, total, fine }: { active: number; total: number; fine: boolean }) {
  return (
    <span className="inline-flex items-center gap-2">
      <span className="sm:w-12">
        <span className="font-medium text-ink">{active}</span>
        <span className="text-ink-faint"> / {total}</span>
      </span>
      <svg aria-hidden viewBox="0 0 56 4" className="h-1 w-14 max-sm:hidden">
        <rect width="56" height="4" rx="2" className="fill-sunken" />
        {active > 0 ? <rect width={(56 * active) / Math.max(1, total)} height="4" rx="2" className={fine ? 'fill-ok' : 'fill-warn'} /> : null}
      </svg>
    </span>
  )
}
