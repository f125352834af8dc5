import { useEffect, useRef } from 'react'
import { Download } from 'lucide-react'
import { urls } from '#lib/client/urls.ts'
import { prepTitles } from '#lib/prep/prep.ts'
import type { PrepState } from '#lib/prep/state.ts'
import { buttonLook } from '#components/ui/button.tsx'
import { Card } from '#components/ui/card.tsx'
import { PrepStatusLabel } from './prep-status.tsx'

type Props = { farm: string; states: readonly PrepState[]; chosen: string; now: number; onChoose: (backend: string) => void }

/** All backends of a farm with how far each is, one of them chosen, and the scripts of all in one file. */
export function PrepList({ farm, states, chosen, now, onChoose }: Props) {
  const list = useRef<HTMLUListElement>(null)
  useEffect(() => reveal(list.current), [chosen])
  const verified = states.filter(({ status }) => status === 'verified').length
  const needed = states.filter(({ status }) => status !== 'not-needed').length
  return (
    <Card title="Backends" description={`${verified} of ${needed} verified`} flush className="lg:sticky lg:top-16">
      <ul ref={list} aria-label="Backends to prepare" className="relative max-h-72 divide-y divide-line overflow-y-auto lg:max-h-[calc(100dvh-20rem)]">
        {states.map((state) => (
          <li key={state.backend}>
            <button
              type="button"
              aria-current={state.backend === chosen ? 'true' : undefined}
              onClick={() => onChoose(state.backend)}
              className="w-full border-l-2 border-l-transparent px-4 py-2.5 text-left transition-colors hover:bg-sunken focus-visible:outline-offset-[-2px] aria-[current]:border-l-accent aria-[current]:bg-accent-soft"
            >
              <span className="flex flex-wrap items-baseline gap-x-2">
                <span className="text-sm font-medium [overflow-wrap:anywhere] text-ink">{state.backend}</span>
                <span className="font-mono text-xs [overflow-wrap:anywhere] text-ink-soft">{state.address}</span>
              </span>
              <PrepStatusLabel state={state} now={now} />
              {state.status === 'not-needed' ? null : <span className="block text-xs text-ink-faint">{prepTitles[state.system]}</span>}
            </button>
          </li>
        ))}
      </ul>
      <div className="border-t border-line px-4 py-3">
        <a href={urls.farmPrep(farm)} download className={`${buttonLook()} w-full`}>
          <Download aria-hidden className="size-4" />
          Download all scripts
        </a>
        <p className="mt-1.5 text-xs text-ink-faint">A zip, each backend with its own system.</p>
      </div>
    </Card>
  )
}

/** Scrolls a long list, and nothing around it, to the chosen backend. */
function reveal(list: HTMLElement | null): void {
  const item = list?.querySelector('[aria-current]')?.parentElement
  if (!list || !item) return
  const hidden = item.offsetTop < list.scrollTop || item.offsetTop + item.offsetHeight > list.scrollTop + list.clientHeight
  if (hidden) list.scrollTop = item.offsetTop - (list.clientHeight - item.offsetHeight) / 2
}
