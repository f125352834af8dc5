import { useState } from 'react'
import type { TrafficPoint } from '#lib/domain/stats.ts'
import { height, layoutChart, slots, type ChartLayout } from './chart-layout.ts'
import { metricFacts, type Metric } from './metrics.ts'

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const marks = [0, 72, 144, 216]

/** The last 24 hours of one metric. A moment is picked with the mouse, a finger or the arrow keys; its value is read out above. */
export function TrafficChart({ points, metric, now }: { points: readonly TrafficPoint[]; metric: Metric; now: number }) {
  const [picked, setPicked] = useState<number | null>(null)
  const { label, count, text } = metricFacts[metric]
  const chart = layoutChart(points, count, now)
  const words = picked === null ? summary(chart, text) : moment(chart, picked, text)
  return (
    <figure>
      <figcaption className="nums mb-1 h-5 truncate text-xs text-ink-soft">{words}</figcaption>
      <div className="relative h-40 rounded-sm has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent">
        <svg aria-hidden viewBox={`0 0 ${slots} ${height}`} preserveAspectRatio="none" className="absolute inset-0 h-full w-full overflow-visible">
          {[0, height / 2, height].map((y) => (
            <path key={y} d={`M0 ${y}H${slots}`} vectorEffect="non-scaling-stroke" className="stroke-line" />
          ))}
          <path d={chart.area} className="fill-accent-soft" />
          <path d={chart.line} fill="none" strokeWidth="1.5" vectorEffect="non-scaling-stroke" className="stroke-accent" />
          {picked === null ? null : <path d={`M${picked + 0.5} 0V${height}`} vectorEffect="non-scaling-stroke" className="stroke-ink-faint" />}
        </svg>
        <Scale value={chart.top} text={text} className="top-0.5" />
        <Scale value={chart.top / 2} text={text} className="top-[calc(50%+2px)]" />
        <input
          type="range"
          min={0}
          max={slots - 1}
          value={picked ?? slots - 1}
          aria-label={`${label} in the last 24 hours`}
          aria-valuetext={words}
          onChange={(event) => setPicked(Number(event.target.value))}
          onPointerMove={({ nativeEvent, currentTarget }) => setPicked(slotAt(nativeEvent.offsetX / currentTarget.clientWidth))}
          onFocus={() => setPicked((old) => old ?? slots - 1)}
          onPointerLeave={() => setPicked(null)}
          onBlur={() => setPicked(null)}
          className="absolute inset-0 h-full w-full cursor-crosshair opacity-0"
        />
      </div>
      <div aria-hidden className="nums mt-1 flex justify-between text-2xs text-ink-faint">
        {marks.map((slot) => (
          <span key={slot}>{clock.format(chart.starts(slot))}</span>
        ))}
        <span>now</span>
      </div>
    </figure>
  )
}

function Scale({ value, text, className }: { value: number; text: (value: number) => string; className: string }) {
  return (
    <span aria-hidden className={`nums pointer-events-none absolute left-0 rounded-sm bg-surface/80 px-1 text-2xs text-ink-faint ${className}`}>
      {text(value)}
    </span>
  )
}

function slotAt(share: number): number {
  return Math.min(slots - 1, Math.max(0, Math.floor(share * slots)))
}

function moment({ values, starts }: ChartLayout, slot: number, text: (value: number) => string): string {
  const value = values[slot] ?? null
  return `${clock.format(starts(slot))} to ${clock.format(starts(slot + 1))}: ${value === null ? 'nothing was measured' : text(value)}`
}

function summary({ values, starts }: ChartLayout, text: (value: number) => string): string {
  const highest = values.reduce<number>((best, value, slot) => ((value ?? -1) > (values[best] ?? -1) ? slot : best), 0)
  const value = values[highest] ?? null
  if (value === null) return 'Nothing was measured in the last 24 hours.'
  return value === 0 ? 'No traffic in the last 24 hours.' : `Busiest five minutes: ${text(value)} at ${clock.format(starts(highest))}`
}
