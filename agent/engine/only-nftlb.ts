import { exportFarm } from '#lib/render/export-farm.ts'
import type { NftlbFarm } from '#lib/render/nftlb.ts'
import type { Engine } from './engine.ts'

/**
 * nftlb for every farm, for those who ask for it: what only the native engine knows is left away, as in an export. A farm with
 * several VIPs is refused, because nftlb cannot change one of them without rebuilding all of its tables.
 */
export function onlyNftlb(nftlb: Engine): Engine {
  const refused = new Map<string, string>()

  function plain(farms: readonly NftlbFarm[]): NftlbFarm[] {
    return farms.flatMap((farm) => {
      if ((farm.addresses ?? []).length > 0) {
        refused.set(farm.name, 'nftlb serves one VIP for each farm')
        return []
      }
      refused.delete(farm.name)
      const { farm: exported } = exportFarm(farm)
      // nftlb takes a backend without a MAC for one at 00:00:00:00:00:00.
      return [{ ...exported, backends: exported.backends.filter((backend) => backend['ether-addr'] !== undefined || farm.mode !== 'dsr') }]
    })
  }

  return {
    ...nftlb,
    start: (wanted) => nftlb.start(plain(wanted)),
    repair: (wanted) => nftlb.repair(plain(wanted)),
    plan: (current, wanted) => nftlb.plan(current, plain(wanted)),
    rejected: () => new Map([...nftlb.rejected(), ...refused]),
    targets: (farm) => nftlb.targets(exportFarm(farm).farm),
    ruleset: (farm) => nftlb.ruleset(exportFarm(farm).farm),
  }
}
