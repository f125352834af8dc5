import { checkFarm } from '#lib/domain/check.ts'
import type { Surroundings } from '#lib/domain/draft.ts'
import type { Farm, FarmInput } from '#lib/domain/farm.ts'
import type { Problem } from '#lib/domain/problem.ts'

export const nobody: Surroundings = { others: [], interfaces: null }

/** A valid DSR farm as a user would send it, with some fields replaced. */
export function farmInput(changes: Partial<FarmInput> = {}): FarmInput {
  return { name: 'web', vip: '203.0.113.7', ports: ['80'], backends: [{ name: 'web1', address: '203.0.113.21' }, { name: 'web2', address: '203.0.113.22' }], ...changes }
}

/** The same farm as the rules accept it. */
export function farm(changes: Partial<FarmInput> = {}): Farm {
  const checked = checkFarm(farmInput(changes), nobody)
  if (!checked.farm) throw new Error(JSON.stringify(checked.problems))
  return checked.farm
}

/** Problems as `pointer code`, in the order in which they were found. */
export function found(problems: readonly Problem[]): string[] {
  return problems.map(({ pointer, code }) => `${pointer} ${code}`)
}
