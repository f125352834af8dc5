import { parseAddress, parseMac } from '#lib/domain/address.ts'
import type { NftlbFarm } from '#lib/render/nftlb.ts'
import type { Log } from '../../log.ts'
import type { Engine, EngineStep, Mismatch } from '../engine.ts'
import { changeFarm, type Memory } from './change.ts'
import { countPackets } from './counters/counters.ts'
import { nftlbDaemon } from './daemon.ts'
import { dropGuard, lowerGuard, raiseGuard } from './guard.ts'
import { holdsExactly } from './held.ts'
import { nft } from '../nft.ts'
import { plan, type NftlbWork } from './plan.ts'
import { bearable } from './bearable.ts'
import { verifyAll, verifySome } from './verify.ts'
import { fault, type Fault } from '#lib/domain/fault.ts'

/** Beyond this many backends nftlb takes minutes to load its farms. */
const manyBackends = 2000

/** nftlb 1.0.7 as an engine: its daemon holds the farms, and every rebuild happens behind the guard. */
export function nftlbEngine(folder: string, log: Log, onTrouble: () => void): Engine {
  const daemon = nftlbDaemon(folder, log, onTrouble)
  const memory: Memory = new Map()
  const counting = countPackets(folder, log)
  /** Farms that came into the kernel since they were last compared. */
  const entered = new Set<string>()
  /** Farms that nftlb could not take, with the reason. */
  const rejected = new Map<string, string>()
  let guarded = false
  let lost: Fault | null = null

  function remember(farms: readonly NftlbFarm[]): void {
    memory.clear()
    for (const farm of farms) memory.set(farm.name, farm)
  }

  /**
   * Starts nftlb with these farms behind the guard. A farm that nftlb cannot take must not keep the others out: it is left out
   * and named in `rejected`. When even that fails, the guard goes on serving what there was before.
   */
  async function rebuild(wanted: readonly NftlbFarm[]): Promise<void> {
    guarded = true
    await raiseGuard()
    try {
      const borne = await bearable(wanted, load)
      rejected.clear()
      borne.rejected.forEach((reason, name) => rejected.set(name, reason))
      await check('all')
    } catch (error) {
      await lowerGuard()
      throw error
    }
  }

  /** One try of a rebuild, the guard staying up. Throws when nftlb does not even start; answers what differs in the kernel otherwise. */
  async function load(farms: readonly NftlbFarm[]): Promise<Mismatch[]> {
    await daemon.restart(farms)
    remember(farms)
    return verifyAll(farms)
  }

  /** While the guard is up only a look at everything counts; when all is right, the guard goes. */
  async function check(names: readonly string[] | 'all'): Promise<Mismatch[]> {
    if (!guarded && names !== 'all') {
      const present = names.flatMap((name) => memory.get(name) ?? [])
      const found = await verifySome(present, names.filter((name) => !memory.has(name)), entered)
      if (found.length === 0) names.forEach((name) => entered.delete(name))
      return found
    }
    const mismatches = await verifyAll([...memory.values()])
    if (mismatches.length === 0) entered.clear()
    if (guarded && mismatches.length === 0) {
      const refused = await dropGuard([...memory.values()])
      lost = refused > 0 ? fault('sessions-lost', `${refused} persistence tables could not be filled again.`) : null
      guarded = false
    }
    return mismatches
  }

  async function start(wanted: readonly NftlbFarm[]): Promise<void> {
    await counting.sync(wanted)
    if (await daemon.adopt()) {
      remember(wanted)
      guarded = true
      if ((await holds(wanted)) && (await check('all')).length === 0) return
    }
    await rebuild(wanted)
  }

  /** True when nftlb itself, not only the kernel, has exactly these farms and backends. */
  async function holds(wanted: readonly NftlbFarm[]): Promise<boolean> {
    const answer = await daemon.client()?.get('/farms')
    return answer !== undefined && holdsExactly(answer, wanted)
  }

  async function apply(step: EngineStep): Promise<void> {
    const client = daemon.client()
    if (!client) throw new Error('nftlb does not run')
    const work = step.work as NftlbWork
    if (work.kind !== 'change') entered.add(work.farm.name)
    rejected.delete(work.farm.name)
    if (work.kind !== 'delete') await counting.expect(work.farm)
    guarded = (await changeFarm(client, memory, work)) || guarded
    if (work.kind === 'delete') await counting.leave(work.farm.name)
  }

  return {
    start,
    repair: async (wanted) => {
      await counting.sync(wanted)
      await rebuild(wanted)
    },
    plan,
    apply,
    verify: async (names) => {
      if (names === 'all') await counting.check()
      const mismatches = await check(names)
      // A guard still sends packets as the farms were before.
      if (!guarded) await counting.settle()
      return mismatches
    },
    rejected: () => rejected,
    held: (name) => memory.get(name) ?? null,
    holder: (name) => (memory.has(name) ? 'nftlb' : null),
    handover: () => null,
    counters: async () => (await counting.read()).filter(({ farm }) => memory.has(farm)),
    targets: async (farm) => addressesIn(await ruleset(farm)),
    ruleset: (farm) => ruleset(farm),
    state: () => {
      const { version, running, faults } = daemon.state()
      const backends = [...memory.values()].reduce((sum, farm) => sum + farm.backends.length, 0)
      const full = backends > manyBackends ? [fault('engine-full', `There are ${backends} backends in all.`)] : []
      return { running, engines: [{ name: 'nftlb', version, running }], faults: [...faults, ...full, ...(lost ? [lost] : [])] }
    },
    stop: () => daemon.stop(),
  }
}

async function ruleset(farm: NftlbFarm): Promise<string> {
  const family = farm.family === 'ipv6' ? 'ip6' : 'ip'
  const stateless = farm.mode === 'dsr' || farm.mode === 'stlsdnat'
  const chains = stateless
    ? [['netdev', `ingress-${farm.iface}`], ['netdev', farm.name], ...(farm.mode === 'stlsdnat' ? [['netdev', `${farm.name}-back`]] : [])]
    : [[family, `filter-${farm.name}`], [family, `nat-${farm.name}`]]
  const texts = await Promise.all(chains.map(([kind = '', chain = '']) => nft(['list', 'chain', kind, 'nftlb', chain])))
  return texts.filter((text) => text !== null).join('\n')
}

/** MAC and IP addresses in a text of nft. */
function addressesIn(text: string): ReadonlySet<string> {
  return new Set(
    (text.match(/[0-9a-f.:]+/g) ?? []).flatMap((word) => {
      const mac = parseMac(word)
      const parsed = parseAddress(word)
      return [...(mac ? [mac] : []), ...('address' in parsed ? [parsed.address] : [])]
    }),
  )
}
