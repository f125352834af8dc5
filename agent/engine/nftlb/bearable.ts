import type { NftlbFarm } from '#lib/render/nftlb.ts'
import type { Mismatch } from '../engine.ts'

/** Tries to run the engine with these farms: what differs in the kernel then; throws when it does not start with them. */
export type Load = (farms: readonly NftlbFarm[]) => Promise<Mismatch[]>

export type Borne = { accepted: NftlbFarm[]; rejected: Map<string, string> }

/**
 * Finds the farms that the engine can take and leaves it running with exactly those. Farms that the kernel lacks afterwards
 * are left out by name; when nftlb dies of one of many, halves are tried until it is found. Throws when it does not run at all.
 */
export async function bearable(wanted: readonly NftlbFarm[], load: Load): Promise<Borne> {
  const rejected = new Map<string, string>()
  const first = await attempt(wanted, load)
  if (first.reason === null) return { accepted: [...wanted], rejected }
  // With no farm at all it must run: else nothing is wrong with the farms, and the error says what is.
  if (first.farms.size === 0) throwIfAny(await load([]))
  const accepted = await take([], wanted, load, rejected)
  throwIfAny(await load(accepted))
  return { accepted, rejected }
}

async function take(good: readonly NftlbFarm[], suspects: readonly NftlbFarm[], load: Load, rejected: Map<string, string>): Promise<NftlbFarm[]> {
  const { reason, farms } = await attempt([...good, ...suspects], load)
  if (reason === null) return [...good, ...suspects]
  const guilty = suspects.filter(({ name }) => farms.has(name))
  if (guilty.length > 0) {
    guilty.forEach(({ name }) => rejected.set(name, farms.get(name) ?? reason))
    const rest = suspects.filter(({ name }) => !farms.has(name))
    return rest.length > 0 ? take(good, rest, load, rejected) : [...good]
  }
  const [only] = suspects
  if (suspects.length <= 1) {
    if (only) rejected.set(only.name, reason)
    return [...good]
  }
  const middle = Math.ceil(suspects.length / 2)
  return take(await take(good, suspects.slice(0, middle), load, rejected), suspects.slice(middle), load, rejected)
}

async function attempt(farms: readonly NftlbFarm[], load: Load): Promise<{ reason: string | null; farms: Map<string, string> }> {
  try {
    const mismatches = await load(farms)
    const named = new Map(mismatches.flatMap(({ farm, detail }) => (farm === null ? [] : [[farm, detail]])))
    return { reason: mismatches.length > 0 ? mismatches.map(({ detail }) => detail).join('; ') : null, farms: named }
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error), farms: new Map() }
  }
}

function throwIfAny(mismatches: readonly Mismatch[]): void {
  if (mismatches.length > 0) throw new Error(mismatches.map(({ detail }) => detail).join('; '))
}
