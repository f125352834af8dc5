import { summarize, type Summary } from '../statistics.ts'
import { kinds, type Kind } from './farms.ts'
import { rounds, type Measured } from './measure.ts'
import { bareWay, directWay } from './ways.ts'

const titles: Record<Kind, string> = { tcp4: 'TCP, IPv4', udp4: 'UDP, IPv4', tcp6: 'TCP, IPv6', udp6: 'UDP, IPv6' }

/** The section of the README about packets. */
export function packetSection(measured: Measured): string {
  const ways = [...new Set(kinds.flatMap((kind) => [...(measured.get(kind)?.keys() ?? [])]))]
  const table = (cell: (times: readonly number[], kind: Kind, way: string) => string): string =>
    [`| | ${kinds.map((kind) => titles[kind]).join(' | ')} |`, `| --- |${' --- |'.repeat(kinds.length)}`, ...ways.map((way) => `| ${way} | ${kinds.map((kind) => cellOf(measured, kind, way, cell)).join(' | ')} |`)].join('\n')
  return `One packet on its way from the router through a switch, the appliance and the switch again to a backend, which counts and drops it: the CPU time of
all that in nanoseconds, median of ${rounds} rounds in turns, 4,096 connections, packets of 74 bytes, ten backends. Every packet arrived, and the agent counted every one of its own.

${table((times) => summarize(times).median.toFixed(0))}

The same as a ratio to the bare rule, round by round: median (quartiles). The bare rule knows two backends, looks at no VIP and counts nothing.

${table((times, kind, way) => ratio(ratios(measured, kind, way, 0), way === bareWay))}

The same without the way that all have in common (${directWay}): what the appliance adds, as a ratio to what the bare rule adds.

${table((times, kind, way) => (way === directWay ? '' : ratio(ratios(measured, kind, way, 1), way === bareWay)))}`
}

function cellOf(measured: Measured, kind: Kind, way: string, cell: (times: readonly number[], kind: Kind, way: string) => string): string {
  const times = measured.get(kind)?.get(way)
  return times ? cell(times, kind, way) : ''
}

/** Each round's time over that of the bare rule in the same round, `without` times the direct way taken off both. */
function ratios(measured: Measured, kind: Kind, way: string, without: 0 | 1): Summary {
  const [times, bare, direct] = [way, bareWay, directWay].map((one) => measured.get(kind)?.get(one) ?? [])
  return summarize((times ?? []).map((time, round) => (time - without * (direct?.[round] ?? 0)) / ((bare?.[round] ?? 0) - without * (direct?.[round] ?? 0))))
}

function ratio({ median, low, high }: Summary, isBare: boolean): string {
  return isBare ? '1' : `**${median.toFixed(2)}** (${low.toFixed(2)}–${high.toFixed(2)})`
}
