import type { Farm } from '#lib/domain/farm.ts'
import { Card } from '#components/ui/card.tsx'
import { modeWords, portsText, protocolText, schedulerWords, tokenWords } from './words.ts'

/** Every field of a farm, in words. */
export function FarmConfiguration({ farm }: { farm: Farm }) {
  const rows: ReadonlyArray<[string, string]> = [
    ['Admin state', farm.adminState],
    ['Mode', modeWords[farm.mode].label],
    ['VIP', farm.vip],
    ['Interface', farm.interface ?? 'automatic: the one whose subnet holds the VIP'],
    ['Protocol', protocolText(farm.protocol)],
    ['Ports', portsText(farm.ports)],
    ['Scheduler', schedulerWords[farm.scheduler].label],
    ...(farm.scheduler === 'hash' ? [['Hash input', farm.hashInput.map((token) => tokenWords[token]).join(', ')] as [string, string]] : []),
    ['Persistence', farm.persistence.length > 0 ? `${farm.persistence.map((token) => tokenWords[token]).join(', ')}, for ${farm.persistenceTtl} seconds` : 'none'],
    ['Backends', farm.backends.length > 0 ? farm.backends.map((backend) => backend.name).join(', ') : 'none'],
  ]
  return (
    <Card flush>
      <dl className="divide-y divide-line text-sm">
        {rows.map(([term, value]) => (
          <div key={term} className="grid gap-x-4 px-4 py-2 sm:grid-cols-[11rem_minmax(0,1fr)]">
            <dt className="text-ink-faint">{term}</dt>
            <dd className="nums [overflow-wrap:anywhere] text-ink">{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}
