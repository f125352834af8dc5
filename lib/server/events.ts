import type { HealthEvent as EventRow } from '#prisma/generated/client.ts'
import { agentEventsSchema } from '#lib/domain/agent-protocol.ts'
import { eventSchema, type Event } from '#lib/domain/replies.ts'
import { askAgent } from './agent.ts'
import { db } from './db.ts'
import { getFarm } from './farms.ts'
import { cutPage, type Page, type PageRequest } from './page.ts'
import { singleton } from './singleton.ts'

/** The newest event that is kept: of which agent, and its place there. */
type Newest = { agent: string; seq: number }

/** How long the agent may take, and how long events are kept, in ms. */
const patience = 3000
const kept = 30 * 86_400_000

/** Keeps what the agent has to tell since the last time. An agent that was started anew counts anew. */
export async function collectEvents(): Promise<void> {
  const newest = singleton<{ value: Newest | null }>('newest-event', () => ({ value: null }))
  const { agent, seq } = (newest.value ??= await newestRow())
  const result = await askAgent('GET', `/v1/events?agent=${encodeURIComponent(agent)}&after=${seq}`, agentEventsSchema, patience)
  if (!result.ok) return
  const { agent: now, events } = result.value
  const last = events.at(-1)
  if (!last) return
  await db().healthEvent.createMany({ data: events.map(({ farm, at, ...event }) => ({ ...event, agent: now, at: new Date(at), farmName: farm })) })
  newest.value = { agent: now, seq: last.seq }
}

async function newestRow(): Promise<Newest> {
  const row = await db().healthEvent.findFirst({ orderBy: { id: 'desc' }, select: { agent: true, seq: true } })
  return row ?? { agent: '', seq: 0 }
}

/** Events of all farms, newest first. */
export function listEvents(page: PageRequest<number>): Promise<Page<Event>> {
  return eventsWhere({}, page)
}

/** Events of a farm, newest first, or of one of its backends; refuses when there is no such farm. */
export async function listFarmEvents(name: string, { backend, ...page }: PageRequest<number> & { backend: string | null }): Promise<Page<Event>> {
  const { farm } = await getFarm(name)
  return eventsWhere({ farmName: farm.name, ...(backend === null ? {} : { backend }) }, page)
}

async function eventsWhere(where: { farmName?: string; backend?: string }, { limit, cursor }: PageRequest<number>): Promise<Page<Event>> {
  const rows = await db().healthEvent.findMany({ where: { ...where, ...(cursor === null ? {} : { id: { lt: cursor } }) }, orderBy: { id: 'desc' }, take: limit + 1 })
  return cutPage(rows, limit, ({ id }) => String(id), eventOf)
}

function eventOf({ agent: _agent, seq: _seq, farmName, at, ...row }: EventRow): Event {
  return eventSchema.parse({ ...row, farm: farmName, at: at.toISOString() })
}

/** Deletes events that are too old. */
export async function forgetOldEvents(): Promise<void> {
  await db().healthEvent.deleteMany({ where: { at: { lt: new Date(Date.now() - kept) } } })
}
