import type { Protocol } from '#lib/domain/farm.ts'
import type { TrafficPoint } from '#lib/domain/stats.ts'
import { unitText } from './units.ts'

export const metrics = ['connections', 'packets', 'bits'] as const
export type Metric = (typeof metrics)[number]

/** What the chart can show: its name, what was counted, and a rate of it in words. */
export const metricFacts: Record<Metric, { label: string; count: (point: TrafficPoint) => number; text: (perSecond: number) => string }> = {
  connections: { label: 'Connections/s', count: (point) => point.connections, text: (value) => unitText(value, 'connections/s') },
  packets: { label: 'Packets/s', count: (point) => point.packets, text: (value) => unitText(value, 'packets/s') },
  bits: { label: 'Bit/s', count: (point) => point.bytes * 8, text: (value) => unitText(value, 'bit/s') },
}

/** Connections are counted where there is TCP. */
export function metricsOf(protocol: Protocol): readonly Metric[] {
  return protocol === 'tcp' || protocol === 'all' ? metrics : ['packets', 'bits']
}
