import type { Farm } from '#lib/domain/farm.ts'
import { Card } from '#components/ui/card.tsx'
import { allUnhealthyWords, monitorText } from '#components/health/monitor-words.ts'
import { hashInputText, modeWords, portsText, protocolText, schedulerWords, tokenWords } from './words.ts'

/** What only the schedulers that hash by a choice have. */
function hashRows(farm: Farm): Array<[string, string]> {
  const input: [string, string] = ['Hash input', hashInputText(farm.hashInput)]
  if (farm.scheduler === 'hash') return [input]
  if (farm.scheduler !== 'maglev') return []
  return [input, ['Table size', `${farm.slots} slots`], ['Handover', `open connections stay for ${farm.handoverPeriod} seconds, and up to ${farm.handoverSize} that begin meanwhile`]]
}

/** How backends are checked, and what follows from it. */
function healthRows(farm: Farm): Array<[string, string]> {
  const own = farm.backends.flatMap(({ name, monitor }): Array<[string, string]> => (monitor ? [[`Health check of ${name}`, monitorText(monitor)]] : []))
  if (!farm.monitor && own.length === 0) return [['Health check', 'none: nobody looks whether the backends work']]
  return [
    ['Health check', monitorText(farm.monitor)],
    ...own,
    ['When all backends fail', allUnhealthyWords[farm.whenAllUnhealthy].label.toLowerCase()],
    ...(farm.scheduler === 'maglev' ? [['Slow start', farm.slowStart === 0 ? 'none: the whole share at once' : `the whole share after ${farm.slowStart} seconds`] satisfies [string, string]] : []),
  ]
}

/** Every field of a farm, in words. */
export function FarmConfiguration({ farm }: { farm: Farm }) {
  const rows: ReadonlyArray<[string, string]> = [
    ['Admin state', farm.adminState],
    ['Mode', modeWords[farm.mode].label],
    ['VIP', farm.vip],
    ['Additional VIPs', farm.additionalVips.join(', ') || 'none'],
    ['Interface', farm.interface ?? 'automatic: the one whose subnet holds the VIP'],
    ['Protocol', protocolText(farm.protocol)],
    ['Ports', portsText(farm.ports)],
    ['Scheduler', schedulerWords[farm.scheduler].label],
    ...hashRows(farm),
    ['Persistence', farm.persistence.length > 0 ? `${farm.persistence.map((token) => tokenWords[token]).join(', ')}, for ${farm.persistenceTtl} seconds` : 'none'],
    ...healthRows(farm),
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
