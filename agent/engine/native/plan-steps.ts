import { hitless } from '#lib/domain/plan.ts'
import type { NftlbFarm } from '#lib/render/nftlb.ts'
import type { EngineStep } from '../engine.ts'
import { shown } from '../nftlb/impact.ts'
import { changes } from './changes.ts'
import { converge } from './converge.ts'
import type { Mirror } from './held.ts'
import { impactOf } from './impact.ts'

export type Work = { kind: 'create' | 'change'; farm: NftlbFarm } | { kind: 'delete'; name: string }

/** The steps from what the kernel has of some farms to what is wanted of them. */
export function planSteps(mirror: Mirror, current: readonly NftlbFarm[], wanted: readonly NftlbFarm[]): EngineStep<Work>[] {
  const after = new Map(wanted.map((farm) => [farm.name, farm]))
  const deletes = current.filter(({ name }) => !after.has(name)).map(({ name }): EngineStep<Work> => ({
    action: 'delete',
    farm: shown(name),
    text: `Remove farm ${shown(name)} from the kernel.`,
    impact: { kind: 'interrupts', share: null, text: 'The farm stops answering; its connections break.' },
    work: { kind: 'delete', name },
  }))
  const steps = wanted.flatMap((farm): EngineStep<Work>[] => {
    const held = mirror.farms.get(farm.name)
    if (!held) return [{ action: 'create', farm: shown(farm.name), text: `Create farm ${shown(farm.name)} on ${farm['virtual-addr']}.`, impact: hitless, work: { kind: 'create', farm } }]
    const { script, moves } = converge(mirror, farm.name, farm, 0)
    if (script === '' && JSON.stringify(held.farm) === JSON.stringify(farm)) return []
    return [{ action: 'change', farm: shown(farm.name), text: `Change farm ${shown(farm.name)}: ${changes(held.farm, farm)}.`, impact: impactOf(held, farm, moves), work: { kind: 'change', farm } }]
  })
  return [...deletes, ...steps]
}
