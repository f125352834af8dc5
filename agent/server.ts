import { chmod, chown, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyReply } from 'fastify'
import { z } from 'zod'
import { agentBodyLimit, agentPlanRequestSchema, agentProtocol, protocolHeader, type AgentEvents, type AgentHealth, type AgentStats, type AgentStatus } from '#lib/domain/agent-protocol.ts'
import { checkFarm } from '#lib/domain/check.ts'
import { desiredChangeSchema, desiredSchema, type Desired, type DesiredChange } from '#lib/domain/desired.ts'
import { doctorRequestSchema, type DoctorEvidence, type DoctorRequest } from '#lib/domain/doctor/evidence.ts'
import { vipsOf, type Farm } from '#lib/domain/farm.ts'
import type { Interface } from '#lib/domain/interface.ts'
import type { Plan } from '#lib/domain/plan.ts'
import type { Problem } from '#lib/domain/problem.ts'
import type { Log } from './log.ts'

/** What the socket's routes are made of. */
export type Service = {
  replace: (desired: Desired) => Promise<{ names: string[]; pass: Promise<void> }>
  change: (change: DesiredChange) => Promise<{ names: string[]; pass: Promise<void> } | null>
  wantedFarms: () => ReadonlyMap<string, Farm>
  plan: (names: readonly string[], wanted: ReadonlyMap<string, Farm>) => Plan
  status: (names: readonly string[] | null) => AgentStatus
  waitForStatus: (seen: number, ms: number) => Promise<void>
  stats: () => Promise<AgentStats>
  interfaces: () => readonly Interface[]
  ruleset: (name: string) => Promise<string>
  health: (name: string) => AgentHealth
  /** What is seen on the wire of one farm; null when there is none of this name. */
  examine: (request: DoctorRequest) => Promise<DoctorEvidence | null>
  /** Events after this one of the agent that started then; all of them when it was another. */
  events: (agent: string | undefined, after: number) => AgentEvents
}

const waitSchema = z.object({ wait: z.coerce.number().int().min(0).max(60_000).default(5000) })
const statusQuerySchema = z.object({ wait: z.coerce.number().int().min(0).max(60_000).default(0), seen: z.coerce.number().int().default(0), farm: z.string().optional() })
const eventsQuerySchema = z.object({ agent: z.string().optional(), after: z.coerce.number().int().default(0) })
const farmQuerySchema = z.object({ farm: z.string() })

/** The HTTP server on the unix socket. It takes state and answers state; no route takes a command, a path or an nft string. */
export function buildServer(service: Service, log: Log): FastifyInstance {
  const loggerInstance: FastifyBaseLogger = log.child({ socket: true }, { level: 'warn' })
  const app = Fastify({ loggerInstance, bodyLimit: agentBodyLimit, logController: new LogController({ disableRequestLogging: true }) })

  app.addHook('onRequest', async (request, reply) => {
    const theirs = request.headers[protocolHeader]
    if (theirs !== String(agentProtocol)) {
      return reply.code(426).send({ message: `This agent speaks protocol ${agentProtocol} and was asked in ${theirs === undefined ? 'none' : String(theirs).slice(0, 20)}. Install the same version of console and agent.` })
    }
  })

  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    if (error instanceof z.ZodError) return reply.code(400).send({ message: 'The body does not have the agreed shape.', problems: error.issues.map((issue) => `${issue.path.join('/')}: ${issue.message}`).slice(0, 20) })
    if ('code' in error && error.code === 'ENOSPC') return reply.code(507).send({ message: "The disk with the agent's state is full; nothing was changed. Free some space." })
    const status = error.statusCode ?? 500
    if (status >= 500) log.error({ error: error.message, url: request.url }, 'a request failed')
    return reply.code(status).send({ message: status >= 500 ? 'The agent failed; its log says why.' : error.message })
  })

  app.put('/v1/desired', async (request, reply) => {
    const desired = desiredSchema.parse(request.body)
    const problems = refusals(desired.farms, new Map(), [])
    if (problems.length > 0) return refuse(reply, problems)
    const { names, pass } = await service.replace(desired)
    await atMost(pass, waitSchema.parse(request.query).wait)
    return service.status(names)
  })

  app.patch('/v1/desired', async (request, reply) => {
    const change = desiredChangeSchema.parse(request.body)
    const problems = refusals(change.put, service.wantedFarms(), change.remove)
    if (problems.length > 0) return refuse(reply, problems)
    const accepted = await service.change(change)
    if (!accepted) return reply.code(409).send({ generation: service.status([]).generation })
    await atMost(accepted.pass, waitSchema.parse(request.query).wait)
    return service.status(accepted.names)
  })

  app.post('/v1/plan', async (request, reply) => {
    const body = agentPlanRequestSchema.parse(request.body)
    const whole = 'farms' in body
    const put = whole ? body.farms : body.put
    const wanted = new Map(whole ? [] : service.wantedFarms())
    for (const farm of put) wanted.set(farm.name, farm)
    for (const name of whole ? [] : body.remove) wanted.delete(name)
    const problems = refusals(put, whole ? new Map() : service.wantedFarms(), whole ? [] : body.remove)
    if (problems.length > 0) return refuse(reply, problems)
    const names = whole ? [...new Set([...wanted.keys(), ...service.wantedFarms().keys()])] : [...put.map((farm) => farm.name), ...body.remove]
    return service.plan(names, wanted)
  })

  app.get('/v1/status', async (request) => {
    const { wait, seen, farm } = statusQuerySchema.parse(request.query)
    if (wait > 0) await service.waitForStatus(seen, wait)
    return service.status(farm === undefined ? null : [farm])
  })

  app.get('/v1/stats', () => service.stats())
  app.get('/v1/interfaces', async () => ({ interfaces: service.interfaces() }))
  app.get('/v1/health', async (request) => service.health(farmQuerySchema.parse(request.query).farm))
  app.get('/v1/events', async (request) => {
    const { agent, after } = eventsQuerySchema.parse(request.query)
    return service.events(agent, after)
  })
  app.post('/v1/doctor', async (request, reply) => {
    const asked = doctorRequestSchema.parse(request.body)
    return (await service.examine(asked)) ?? reply.code(404).send({ message: `The agent has no farm ${asked.farm} yet.` })
  })
  app.get('/v1/ruleset', async (request) => ({ text: await service.ruleset(farmQuerySchema.parse(request.query).farm) }))
  return app
}

/**
 * Root trusts nobody: every farm is checked again with the rules of the console, against the farms that share a VIP or a
 * backend. Interfaces are left out: a farm that does not fit the machine as it is now becomes a fault, not a refusal.
 */
export function refusals(put: readonly Farm[], existing: ReadonlyMap<string, Farm>, removed: readonly string[]): Array<Problem & { farm: string }> {
  const after = new Map(existing)
  for (const name of removed) after.delete(name)
  for (const farm of put) after.set(farm.name, farm)
  const byAddress = new Map(put.flatMap(addressesOf).map((address) => [address, new Set<Farm>()]))
  for (const farm of after.values()) for (const address of addressesOf(farm)) byAddress.get(address)?.add(farm)
  return put.flatMap((farm) => {
    const others = new Set(addressesOf(farm).flatMap((address) => [...(byAddress.get(address) ?? [])]))
    return checkFarm(farm, { others: [...others], interfaces: null }).problems.map((problem) => ({ ...problem, farm: farm.name }))
  })
}

function addressesOf(farm: Farm): string[] {
  return [...vipsOf(farm), ...farm.backends.map((backend) => backend.address)]
}

function refuse(reply: FastifyReply, problems: Array<Problem & { farm: string }>): FastifyReply {
  return reply.code(422).send({ message: 'The agent refuses this configuration; nothing was changed.', problems })
}

async function atMost(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([work, new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))])
  clearTimeout(timer)
}

/** Listens on the socket with mode 0660 from the first moment; a socket that a dead agent left is removed, a live one is not. */
export async function listen(app: FastifyInstance, path: string, group: number | null): Promise<void> {
  if (await answers(path)) throw new Error(`another agent listens on ${path}`)
  await rm(path, { force: true })
  const before = process.umask(0o117)
  try {
    await app.listen({ path })
  } finally {
    process.umask(before)
  }
  await chmod(path, 0o660)
  if (group !== null) await chown(path, 0, group)
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
