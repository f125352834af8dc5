import { agentRulesetSchema, agentStatusSchema, type AgentStatus } from '#lib/domain/agent-protocol.ts'
import { byGravity, type Fault } from '#lib/domain/fault.ts'
import type { Farm } from '#lib/domain/farm.ts'
import type { SystemStatus } from '#lib/domain/replies.ts'
import { foldStatus, type FarmStatus } from '#lib/domain/status.ts'
import { askAgent, type AgentFailure } from './agent.ts'
import { faultOf } from './change-reply.ts'
import { db } from './db.ts'
import { fromRows } from './farm-rows.ts'
import { getFarm } from './farms.ts'
import { currentGeneration } from './generation.ts'
import { Refusal } from './refusal.ts'

const patience = 3000

type Observed = { status: AgentStatus | null; failure: AgentFailure | null }

/** The state of everything: what is wanted, what the agent observes, and what an operator must know. */
export async function systemStatus(): Promise<SystemStatus> {
  const { status, failure } = await observe('/v1/status')
  const { rows, generation } = await db().$transaction(async (tx) => ({
    rows: await tx.farm.findMany({ orderBy: { sortKey: 'asc' }, include: { backends: true } }),
    generation: await currentGeneration(tx),
  }))
  const applied = status?.appliedGeneration ?? null
  const faults = [...(failure ? [faultOf(failure)] : []), ...(status?.faults ?? [])].sort(byGravity)
  return {
    generation,
    appliedGeneration: applied,
    pending: applied !== generation,
    agent: { connected: status !== null, message: failure?.message ?? null, engines: status?.engines ?? [] },
    farms: rows.map(({ backends, ...row }) => fold(fromRows(row, backends), row.generation, status)),
    faults,
  }
}

/** The state of one farm. */
export async function farmStatus(name: string): Promise<FarmStatus> {
  const { farm, generation } = await getFarm(name)
  const { status } = await observe(`/v1/status?farm=${encodeURIComponent(name)}`)
  return fold(farm, generation, status)
}

/** The kernel's rules of one farm, as nft prints them. */
export async function farmRuleset(name: string): Promise<{ text: string }> {
  const { farm } = await getFarm(name)
  const result = await askAgent('GET', `/v1/ruleset?farm=${encodeURIComponent(farm.name)}`, agentRulesetSchema, patience)
  if (result.ok) return result.value
  throw new Refusal('agent-away', result.failure.message)
}

async function observe(path: string): Promise<Observed> {
  const result = await askAgent('GET', path, agentStatusSchema, patience)
  return result.ok ? { status: result.value, failure: null } : { status: null, failure: result.failure }
}

/** What the agent has of an older version of the farm says nothing about this one: it stays pending until it has arrived. */
function fold(farm: Farm, generation: number, status: AgentStatus | null): FarmStatus {
  const seen = status?.farms.find((one) => one.name === farm.name) ?? null
  // A failed pass names no farm: it is about all those that are not applied.
  const failed = (one: Fault): boolean => one.code === 'apply-failed' && one.farm === null && seen?.applied === false
  const faults = status?.faults.filter((one) => one.farm === farm.name || failed(one)).sort(byGravity) ?? []
  const folded = foldStatus(farm, seen, faults)
  return { ...folded, pending: folded.pending || status === null || status.generation < generation }
}
