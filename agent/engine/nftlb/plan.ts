import { hitless, type Impact } from '#lib/domain/plan.ts'
import type { NftlbBackend, NftlbFarm } from '#lib/render/nftlb.ts'
import type { EngineStep } from '../engine.ts'
import { movedShare, reloadImpact, shown } from './impact.ts'

/**
 * What a step sends to nftlb. `replace` takes a farm out and in again behind the guard; `change` is one merging POST, which
 * nftlb puts into the kernel as one transaction, followed by what has no effect on the rules.
 */
export type NftlbWork =
  | { kind: 'create'; farm: NftlbFarm }
  | { kind: 'replace'; farm: NftlbFarm }
  | { kind: 'change'; farm: NftlbFarm; body: ChangeBody; moved: NftlbBackend[]; removed: string[]; flushed: string[] }
  | { kind: 'delete'; farm: NftlbFarm }

export type ChangeBody = { name: string; backends?: Array<Partial<NftlbBackend> & { name: string }> } & Partial<Record<string, unknown>>

export type NftlbStep = EngineStep<NftlbWork>

const reloaded = ['scheduler', 'sched-param'] as const
const replaced = ['family', 'iface', 'oface', 'ether-addr', 'virtual-addr', 'virtual-ports', 'mode', 'protocol', 'persistence', 'persist-ttl'] as const

/** The steps from one set of farms to another, those that free a VIP and port first: nftlb rebuilds everything when two farms overlap. */
export function plan(current: readonly NftlbFarm[], wanted: readonly NftlbFarm[]): NftlbStep[] {
  const before = new Map(current.map((farm) => [farm.name, farm]))
  const after = new Map(wanted.map((farm) => [farm.name, farm]))
  const deletes = current.filter((farm) => !after.has(farm.name)).map(deletion)
  const steps = wanted.flatMap((farm) => {
    const old = before.get(farm.name)
    return old ? transition(old, farm) : [creation(farm)]
  })
  const order: Record<NftlbWork['kind'], number> = { delete: 0, replace: 1, change: 2, create: 3 }
  return [...deletes, ...steps].sort((a, b) => order[a.work.kind] - order[b.work.kind])
}

function creation(farm: NftlbFarm): NftlbStep {
  return step(farm, { kind: 'create', farm }, `Create farm ${shown(farm.name)} on ${farm['virtual-addr']}.`, hitless)
}

function deletion(farm: NftlbFarm): NftlbStep {
  return step(farm, { kind: 'delete', farm }, `Remove farm ${shown(farm.name)} from the kernel.`, { kind: 'interrupts', share: null, text: 'The farm stops answering; its connections break.' })
}

function transition(old: NftlbFarm, farm: NftlbFarm): NftlbStep[] {
  const name = shown(farm.name)
  const rebuilt = [...replaced.filter((key) => old[key] !== farm[key]), ...(readdressed(old, farm) ? ['a backend address'] : [])]
  if (rebuilt.length > 0) return [step(farm, { kind: 'replace', farm }, `Rebuild farm ${name}: ${rebuilt.join(', ')} changed.`, rebuildImpact(old, farm))]
  const work = change(old, farm)
  if (work && returnsDiffer(old, farm)) return [step(farm, { kind: 'replace', farm }, `Rebuild farm ${name}: ${changes(old, work)}.`, reloadImpact(old, farm))]
  return work ? [step(farm, work, `Reload farm ${name}: ${changes(old, work)}.`, reloadImpact(old, farm))] : []
}

/** nftlb publishes a zero MAC for a moment when a backend gets another address, so such a farm is rebuilt behind the guard. */
function readdressed(old: NftlbFarm, farm: NftlbFarm): boolean {
  return farm.backends.some((backend) => old.backends.some((was) => was.name === backend.name && was['ip-addr'] !== backend['ip-addr']))
}

/** nftlb 1.0.7 lists the backends whose replies stateless DNAT translates when it creates the farm, and never again. */
function returnsDiffer(old: NftlbFarm, farm: NftlbFarm): boolean {
  const replying = ({ backends }: NftlbFarm): string => backends.flatMap((backend) => (backend.state === 'down' ? [] : [backend['ip-addr']])).sort().join()
  return farm.mode === 'stlsdnat' && replying(old) !== replying(farm)
}

function rebuildImpact(old: NftlbFarm, farm: NftlbFarm): Impact {
  const moved: ReadonlyArray<keyof NftlbFarm> = ['family', 'virtual-addr', 'mode', 'protocol', 'virtual-ports']
  const gone = moved.some((key) => old[key] !== farm[key]) && !widened(old, farm)
  if (gone) return { kind: 'interrupts', share: null, text: 'The farm stops answering where it answered before; those connections break.' }
  if (old.persistence !== farm.persistence && old.persistence !== 'none') return { kind: 'flushes', share: null, text: 'The persistence entries are deleted; clients choose a backend anew.' }
  if (farm.mode === 'snat' || farm.mode === 'dnat' || farm.persistence !== 'none') return hitless
  const share = movedShare(old, farm)
  return share === 0 ? hitless : { kind: 'remaps', share, text: `${Math.round(share * 100)} % of the flows move to another backend, because the scheduler starts anew.` }
}

/** True when the new farm still answers wherever the old one did. */
function widened(old: NftlbFarm, farm: NftlbFarm): boolean {
  if (old.family !== farm.family || old['virtual-addr'] !== farm['virtual-addr'] || old.mode !== farm.mode) return false
  if (old.protocol !== farm.protocol && farm.protocol !== 'all') return false
  if (farm['virtual-ports'] === '') return true
  return old['virtual-ports'] !== '' && old['virtual-ports'].split(',').every((part) => farm['virtual-ports'].split(',').includes(part))
}

function change(old: NftlbFarm, farm: NftlbFarm): NftlbWork | null {
  const attributes = Object.fromEntries(reloaded.filter((key) => old[key] !== farm[key]).map((key) => [key, farm[key]]))
  const moved: NftlbBackend[] = []
  const backends = farm.backends.flatMap((backend) => {
    const was = old.backends.find((one) => one.name === backend.name)
    if (!was) return [backend]
    if (was['ether-addr'] !== backend['ether-addr']) moved.push(backend)
    const differing = (['ether-addr', 'port', 'weight', 'state'] as const).filter((key) => was[key] !== backend[key])
    return differing.length > 0 ? [{ name: backend.name, ...Object.fromEntries(differing.map((key) => [key, backend[key]])) }] : []
  })
  const gone = old.backends.filter((backend) => !farm.backends.some((one) => one.name === backend.name))
  const out = gone.map(({ name }) => ({ name, state: 'down' as const }))
  const flushed = farm.persistence === 'none' ? [] : farm.backends.filter((backend) => backend.state === 'down' && old.backends.some((one) => one.name === backend.name && one.state !== 'down'))
  if (Object.keys(attributes).length === 0 && backends.length === 0 && gone.length === 0) return null
  const body = { name: farm.name, ...attributes, backends: [...out, ...backends] }
  return { kind: 'change', farm, body, moved, removed: gone.map(({ name }) => name), flushed: flushed.map(({ name }) => name) }
}

function changes(old: NftlbFarm, work: NftlbWork): string {
  if (work.kind !== 'change') return ''
  const words = reloaded.filter((key) => old[key] !== work.farm[key]).map((key) => `${key} is ${work.farm[key]}`)
  const gone = work.removed.map((name) => `${shown(name)} is removed`)
  const kept = (work.body.backends ?? []).filter((backend) => !work.removed.includes(backend.name))
  const state = { up: 'gets clients', off: 'gets no new clients', down: 'is out' }
  const touched = kept.map((backend) => {
    const parts = [backend.state && state[backend.state], backend.weight && `has weight ${backend.weight}`, backend['ether-addr'] && `has MAC ${backend['ether-addr']}`]
    return `${shown(backend.name)} ${parts.filter(Boolean).join(', ') || 'changes'}`
  })
  return [...words, ...gone, ...touched].join('; ')
}

function step(farm: NftlbFarm, work: NftlbWork, text: string, impact: Impact): NftlbStep {
  return { action: work.kind, farm: shown(farm.name), text, impact, work }
}
