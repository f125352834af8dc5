import { useState, type ReactNode } from 'react'
import Link from 'next/link'
import { monitorOf, type Backend, type Farm } from '#lib/domain/farm.ts'
import type { BackendHealth, ProbeHistory } from '#lib/domain/health.ts'
import type { BackendStatus, FarmStatus } from '#lib/domain/status.ts'
import { places } from '#components/places.ts'
import { SeverityWord } from '#components/status/severity-mark.tsx'
import { agoText } from '#components/ui/ago.ts'
import { Time } from '#components/ui/time.tsx'
import { dampedText, placeText, slowText } from './health-words.ts'
import { ProbeStrip } from './probe-strip.tsx'

/** VIPs that are drawn at first; those that fail come first. */
const shownVips = 2

export type HealthProps = { farm: Farm; backend: Backend; seen: BackendStatus | null; faults: FarmStatus['faults']; probes: readonly ProbeHistory[] | null; now: number }

/** What the probes say of one backend, address by address, and what to do when one of them fails. */
export function BackendHealthLine({ farm, backend, seen, faults, probes, now }: HealthProps) {
  const own = faults.filter((fault) => fault.backend === backend.name && fault.code !== 'backend-unhealthy')
  const none = whyNone(farm, backend, seen)
  return (
    <div className="flex min-h-9 flex-wrap gap-x-6 gap-y-2">
      {none !== null || !seen?.health ? <p className="text-xs text-ink-faint">{none}</p> : <Verdicts farm={farm} backend={backend} health={seen.health} probes={probes ?? []} kept={seen.active && faults.some(({ code }) => code === 'all-unhealthy')} now={now} />}
      {own.map(({ code, severity, title, detail, fix }) => (
        <p key={code} className="w-full text-xs [overflow-wrap:anywhere] text-ink-soft">
          <span className="font-medium text-ink">
            <SeverityWord severity={severity} /> {title}.
          </span>{' '}
          {detail} {fix}
        </p>
      ))}
    </div>
  )
}

/** Why there are no verdicts, in words; empty as long as the status is on its way. */
function whyNone(farm: Farm, backend: Backend, seen: BackendStatus | null): string | null {
  if (!monitorOf(farm, backend)) return 'No health check: nobody looks whether it works.'
  if (farm.adminState === 'disabled') return 'Not checked while its farm is disabled.'
  if (backend.adminState === 'disabled') return 'Not checked while it is disabled.'
  if (!seen) return ''
  return seen.health ? null : 'Health not known: the agent says nothing about it.'
}

type VerdictProps = { farm: Farm; backend: Backend; health: BackendHealth; probes: readonly ProbeHistory[]; kept: boolean; now: number }

function Verdicts({ farm, backend, health, probes, kept, now }: VerdictProps) {
  const [all, setAll] = useState(false)
  const counted = monitorOf(farm, backend)?.paths ?? 'both'
  const vips = probes.filter(({ path }) => path === 'vip').sort((a, b) => Number(b.state === 'unhealthy') - Number(a.state === 'unhealthy'))
  const drawn = all ? vips : vips.slice(0, shownVips)
  const strip = { backend: backend.name }
  return (
    <>
      {health.rip === null ? null : <ProbeStrip {...strip} path="rip" state={health.rip} probe={probes.find(({ path }) => path === 'rip') ?? null} named={false} counts={counted !== 'vip'} />}
      {health.vip !== null && vips.length === 0 ? <ProbeStrip {...strip} path="vip" state={health.vip} probe={null} named={false} counts={counted !== 'rip'} /> : null}
      {drawn.map((probe) => (
        <ProbeStrip key={placeText(probe)} {...strip} path="vip" state={vips.length === 1 ? (health.vip ?? probe.state) : probe.state} probe={probe} named={vips.length > 1} counts={counted !== 'rip'} />
      ))}
      <Words farm={farm} backend={backend} health={health} ignored={counted === 'both' ? [] : probes.filter(({ path, state }) => path !== counted && state === 'unhealthy')} kept={kept} now={now}>
        {vips.length > shownVips ? (
          <>
            {' · '}
            <button type="button" aria-expanded={all} onClick={() => setAll(!all)} className="rounded-sm text-accent underline underline-offset-2">
              {all ? 'Fewer VIPs' : `All ${vips.length} VIPs`}
            </button>
          </>
        ) : null}
      </Words>
    </>
  )
}

/** Why, since when, and what to do. `ignored`: addresses that fail and do not count; `children`: what else can be done. */
function Words({ farm, backend, health, ignored, kept, now, children }: Omit<VerdictProps, 'probes'> & { ignored: readonly ProbeHistory[]; children: ReactNode }) {
  const { state, rip, vip, since, reason } = health
  const notes = [ignoredText(ignored), state === 'unhealthy' && kept ? 'It stays in use, because no backend of the farm is healthy.' : null, dampedText(health), slowText(health)].filter((note) => note !== null)
  return (
    <div className="min-w-0 grow basis-64 text-xs text-ink-soft">
      {reason ? <p className="[overflow-wrap:anywhere] text-ink">{reason}</p> : null}
      {notes.map((note) => (
        <p key={note} className="text-warn">
          {note}
        </p>
      ))}
      <p>
        {sinceWord[state]} <Time iso={since} /> ({agoText(since, now)})
        {rip === 'healthy' && vip === 'unhealthy' ? (
          <>
            {' · '}
            <Link href={places.prepare(farm.name, backend.name)} className="rounded-sm text-accent underline underline-offset-2">
              Prepare this backend
            </Link>
          </>
        ) : null}
        {children}
      </p>
    </div>
  )
}

function ignoredText([first, ...more]: readonly ProbeHistory[]): string | null {
  if (!first) return null
  return `Not counted: ${first.path === 'vip' ? 'VIP' : 'own address'} ${placeText(first)}${more.length > 0 ? ` and ${more.length} more` : ''}. ${first.detail ?? ''}`
}

const sinceWord: Record<BackendHealth['state'], string> = { healthy: 'Healthy since', unhealthy: 'Unhealthy since', unknown: 'Nothing known since' }
