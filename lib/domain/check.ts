import { checkBackends } from './check-backends.ts'
import { checkBalancing } from './check-balancing.ts'
import { checkMonitors } from './check-monitors.ts'
import { checkNetwork } from './check-network.ts'
import { checkVips } from './check-vips.ts'
import { parseDraft, type Surroundings } from './draft.ts'
import { farmSchema, withDefaults, type Farm } from './farm.ts'
import type { Problem } from './problem.ts'

export type Checked = { farm: Farm; problems: [] } | { farm: null; problems: Problem[] }

/**
 * Parses and checks a farm: the one set of rules behind the form, the API and the agent.
 * Answers every problem at once; a field that is malformed does not hide the problems of the others.
 */
export function checkFarm(input: unknown, surroundings: Surroundings): Checked {
  const { draft, problems } = parseDraft(input)
  const found = [...problems, ...checkVips(draft), ...checkBackends(draft), ...checkBalancing(draft), ...checkMonitors(draft), ...checkNetwork(draft, surroundings)]
  if (found.length > 0) return { farm: null, problems: found }
  return { farm: farmSchema.parse(withDefaults(input as Record<string, unknown>)), problems: [] }
}
