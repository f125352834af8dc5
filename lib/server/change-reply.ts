import { fault, type Fault } from '#lib/domain/fault.ts'
import type { ChangeReply, DryRunReply } from '#lib/domain/replies.ts'
import { agentPlanSchema } from '#lib/domain/agent-protocol.ts'
import type { DesiredChange } from '#lib/domain/desired.ts'
import type { Farm } from '#lib/domain/farm.ts'
import { askAgent, type AgentFailure } from './agent.ts'
import { json } from './json-reply.ts'
import { save, type Change, type Saved } from './save.ts'
import { deliver, lastContact, refresh, type Contact } from './sender.ts'

/** Saves a change, brings it to the kernel and answers a ChangeReply; with `dryRun` it answers what would happen and saves nothing. */
export async function change(wanted: Change, dryRun: boolean): Promise<Response> {
  const saved = await save(wanted, dryRun)
  if (dryRun) return json({ farm: saved.after, plan: saved.changed ? await planOf(changeOf(wanted.farm, saved)) : { steps: [] } } satisfies DryRunReply)
  const contact = saved.changed ? await deliver(changeOf(wanted.farm, saved)) : await recentContact()
  return json(replyOf(wanted.farm, saved.after, saved.generation, contact), { status: saved.created ? 201 : 200, etag: saved.etag })
}

function changeOf(name: string, { after, base, generation }: Saved): DesiredChange {
  return { base, generation, put: after ? [after] : [], remove: after ? [] : [name] }
}

async function planOf(wanted: DesiredChange): Promise<DryRunReply['plan']> {
  const result = await askAgent('POST', '/v1/plan', agentPlanSchema, 5000, wanted)
  return result.ok ? result.value : null
}

async function recentContact(): Promise<Contact> {
  const contact = lastContact()
  return contact.report && performance.now() - contact.at < 1000 ? contact : refresh()
}

function replyOf(name: string, farm: Farm | null, generation: number, { report, failure }: Contact): ChangeReply {
  const applied = report?.appliedGeneration ?? null
  const faults = [...(failure ? [faultOf(failure)] : []), ...(report?.faults.filter((one) => one.farm === null || one.farm === name) ?? [])]
  return { farm, generation, appliedGeneration: applied, pending: applied === null || applied < generation, faults }
}

/** The fault that stands for an agent which cannot be used. */
export function faultOf({ kind, message }: AgentFailure): Fault {
  if (kind === 'version') return fault('agent-version', message)
  return fault(kind === 'refused' ? 'apply-failed' : 'agent-away', message)
}
