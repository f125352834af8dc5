import { useState } from 'react'
import type { HealthState, ProbeHistory } from '#lib/domain/health.ts'
import { msText, placeText, resultText } from './health-words.ts'
import { height, indexAt, slotOf, slots, stripPaths } from './strip-paths.ts'
import { VerdictMark } from './verdict-mark.tsx'

type Props = { backend: string; path: ProbeHistory['path']; state: HealthState; probe: ProbeHistory | null; named: boolean; counts: boolean }

/**
 * The verdict of one address and its last probes, one bar each. A probe is picked with the mouse, a finger or the arrow keys and
 * told in words, also while newer ones come in. `named`: says which address it is; `counts`: whether the verdict decides.
 */
export function ProbeStrip({ backend, path, state, probe, named, counts }: Props) {
  const [picked, setPicked] = useState<number | null>(null)
  const results = probe?.results ?? []
  const found = results.findIndex(({ at }) => at === picked)
  const index = found < 0 ? null : found
  const last = results.at(-1)
  const shown = index === null ? last : results[index]
  const { good, failed, unsent } = stripPaths(results)
  const pick = (wanted: number | null) => setPicked(wanted === null ? null : (results[wanted]?.at ?? null))
  const what = path === 'rip' ? 'own address' : 'VIP'
  const place = probe ? placeText(probe) : ''
  return (
    <div className={`w-full text-xs ${named && !counts ? 'sm:w-88' : 'sm:w-72'}`}>
      <p className="flex h-4.5 items-center gap-x-1.5" title={`${path === 'rip' ? 'The own address of this backend' : 'The VIP through this backend'} ${place}${probe?.detail ? `: ${probe.detail}` : ''}`}>
        <VerdictMark state={state} of={path === 'rip' ? 'RIP' : 'VIP'} />
        {named ? <span className="min-w-12 truncate font-mono text-2xs text-ink-soft">{place}</span> : null}
        {counts ? null : <span className="whitespace-nowrap text-ink-faint">not counted</span>}
        <span className={`nums ml-auto text-ink-soft ${index === null ? 'shrink-0' : 'truncate'}`}>{index === null || !shown ? (last ? msText(last.ms) : '') : resultText(shown)}</span>
      </p>
      <div className="relative mt-0.5 h-3.5 rounded-sm has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent">
        <svg aria-hidden viewBox={`0 0 ${slots} ${height}`} preserveAspectRatio="none" className="absolute inset-0 size-full">
          <path d={`M0 ${height}H${slots}`} vectorEffect="non-scaling-stroke" className="stroke-line-strong" />
          <path d={good} className="fill-ok" />
          <path d={failed} className="fill-danger" />
          <path d={unsent} className="fill-ink-faint" />
          {index === null ? null : <path d={`M${slotOf(results, index)} 0h1v${height}h-1z`} className="fill-ink/25" />}
        </svg>
        {shown ? (
          <input
            type="range"
            min={0}
            max={results.length - 1}
            value={index ?? results.length - 1}
            aria-label={`${backend}: last probes of its ${what} ${place}`}
            aria-valuetext={resultText(shown)}
            onChange={(event) => pick(Number(event.target.value))}
            onPointerMove={({ nativeEvent, currentTarget }) => pick(indexAt(results, nativeEvent.offsetX / currentTarget.clientWidth))}
            onFocus={() => setPicked((before) => before ?? last?.at ?? null)}
            onPointerLeave={() => setPicked(null)}
            onBlur={() => setPicked(null)}
            className="absolute inset-0 size-full cursor-crosshair opacity-0"
          />
        ) : null}
      </div>
    </div>
  )
}
