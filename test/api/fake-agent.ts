import { mkdirSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { agentPlanRequestSchema, agentProtocol, protocolHeader, type AgentEvents, type AgentHealth, type AgentStats, type AgentStatus } from '#lib/domain/agent-protocol.ts'
import { checkFarm } from '#lib/domain/check.ts'
import { desiredChangeSchema, desiredSchema, type Desired, type DesiredChange } from '#lib/domain/desired.ts'
import { doctorRequestSchema, type DoctorEvidence, type DoctorRequest } from '#lib/domain/doctor/evidence.ts'
import { monitorOf, type Farm } from '#lib/domain/farm.ts'
import type { Fault } from '#lib/domain/fault.ts'
import type { BackendHealth } from '#lib/domain/health.ts'
import type { Interface } from '#lib/domain/interface.ts'
import { hitless } from '#lib/domain/plan.ts'
import type { Handover } from '#lib/domain/status.ts'
import { healthy } from '#test/unit/domain/samples.ts'
import { evidenceOf } from './doctor-evidence.ts'

export const interfaces: Interface[] = [
  { name: 'eth0', mac: '52:54:00:00:00:01', up: true, mtu: 1500, addresses: [{ address: '203.0.113.1', prefix: 24 }, { address: '2001:db8::1', prefix: 64 }] },
  { name: 'eth1', mac: '52:54:00:00:00:02', up: true, mtu: 1500, addresses: [{ address: '192.0.2.1', prefix: 24 }] },
]

/**
 * A complete agent without a kernel: it speaks the whole protocol on a real socket, checks every farm and keeps the document.
 * What a test changes: `protocol`, `delay` (milliseconds before a pass ends), `faults`, `stats`, `handovers` (by farm), `health` (by backend;
 * without, all that are monitored are healthy), `probes`, `events` and `doctor` (what it sees of a farm, when it has seen it); what it
 * reads: `desired` and `log`.
 */
export type FakeAgent = {
  protocol: number
  delay: number
  faults: Fault[]
  stats: AgentStats
  handovers: Record<string, Handover>
  health: Record<string, BackendHealth>
  probes: AgentHealth
  events: AgentEvents
  doctor: (farm: Farm, request: DoctorRequest) => DoctorEvidence | Promise<DoctorEvidence>
  desired: Desired
  applied: number
  log: Array<{ method: string; path: string }>
  start: () => Promise<void>
  stop: () => Promise<void>
}

type Reply = { status: number; body: unknown }

/** Makes an agent for this socket path; it listens between `start` and `stop` and keeps its document meanwhile, as the real one does. */
export function fakeAgent(socket: string): FakeAgent {
  let server: Server | null = null
  const agent: FakeAgent = {
    protocol: agentProtocol,
    delay: 0,
    faults: [],
    stats: { at: '2026-01-01T00:00:00.000Z', farms: [] },
    handovers: {},
    health: {},
    probes: { backends: [] },
    events: { agent: '2026-01-01T00:00:00.000Z', events: [] },
    doctor: evidenceOf,
    desired: { generation: 0, farms: [] },
    applied: 0,
    log: [],
    start: async () => {
      mkdirSync(path.dirname(socket), { recursive: true })
      rmSync(socket, { force: true })
      server = createServer((request, response) => void answer(agent, request, response))
      await new Promise<void>((resolve) => server?.listen(socket, resolve))
    },
    stop: async () => {
      const running = server
      server = null
      running?.closeAllConnections()
      await new Promise<void>((resolve) => (running ? running.close(() => resolve()) : resolve()))
    },
  }
  return agent
}

async function answer(agent: FakeAgent, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://agent')
  const body = await text(request)
  agent.log.push({ method: request.method ?? '', path: url.pathname })
  const wrong = request.headers[protocolHeader] !== String(agent.protocol)
  const reply = wrong ? { status: 426, body: { message: `This agent speaks protocol ${agent.protocol}.` } } : await handle(agent, `${request.method} ${url.pathname}`, url.searchParams, body === '' ? null : JSON.parse(body))
  response.writeHead(reply.status, { 'content-type': 'application/json', [protocolHeader]: String(agent.protocol) }).end(JSON.stringify(reply.body))
}

async function handle(agent: FakeAgent, route: string, query: URLSearchParams, body: unknown): Promise<Reply> {
  switch (route) {
    case 'PUT /v1/desired':
      return accept(agent, desiredSchema.parse(body), query)
    case 'PATCH /v1/desired': {
      const change = desiredChangeSchema.parse(body)
      if (change.base !== agent.desired.generation) return { status: 409, body: { generation: agent.desired.generation } }
      return accept(agent, applyChange(agent.desired, change), query)
    }
    case 'POST /v1/plan':
      return plan(agent, body)
    case 'GET /v1/status':
      return { status: 200, body: statusOf(agent, query.get('farm')) }
    case 'GET /v1/stats':
      return { status: 200, body: agent.stats }
    case 'GET /v1/health':
      return { status: 200, body: agent.probes }
    case 'GET /v1/events': {
      const after = query.get('agent') === agent.events.agent ? Number(query.get('after')) : 0
      return { status: 200, body: { ...agent.events, events: agent.events.events.filter(({ seq }) => seq > after) } }
    }
    case 'POST /v1/doctor':
      return doctor(agent, doctorRequestSchema.parse(body))
    case 'GET /v1/interfaces':
      return { status: 200, body: { interfaces } }
    case 'GET /v1/ruleset':
      return { status: 200, body: { text: `table netdev nftlb {\n\t# ${query.get('farm')}\n}\n` } }
    default:
      return { status: 404, body: {} }
  }
}

async function accept(agent: FakeAgent, next: Desired, query: URLSearchParams): Promise<Reply> {
  const problems = next.farms.flatMap((farm) => checkFarm(farm, { others: next.farms, interfaces: null }).problems)
  if (problems.length > 0) return { status: 422, body: { message: 'The agent refuses this configuration; nothing was changed.', problems } }
  agent.desired = next
  const patience = Number(query.get('wait') ?? 5000)
  const pass = wait(agent.delay).then(() => {
    agent.applied = Math.max(agent.applied, next.generation)
  })
  await Promise.race([pass, wait(patience, undefined, { ref: false })])
  return { status: 200, body: statusOf(agent, null) }
}

function applyChange({ farms }: Desired, { generation, put, remove }: DesiredChange): Desired {
  const touched = new Set([...remove, ...put.map((farm) => farm.name)])
  return { generation, farms: [...farms.filter((farm) => !touched.has(farm.name)), ...put] }
}

function plan(agent: FakeAgent, body: unknown): Reply {
  const wanted = agentPlanRequestSchema.parse(body)
  if ('base' in wanted && wanted.base !== agent.desired.generation) return { status: 409, body: { generation: agent.desired.generation } }
  const next = 'base' in wanted ? applyChange(agent.desired, wanted) : wanted
  const text = (farm: Farm): string => JSON.stringify(farm)
  const steps = next.farms.filter((farm) => !agent.desired.farms.some((old) => text(old) === text(farm))).map((farm) => ({ action: 'put-farm', farm: farm.name, text: `Write farm ${farm.name}.`, impact: hitless }))
  return { status: 200, body: { steps } }
}

async function doctor(agent: FakeAgent, request: DoctorRequest): Promise<Reply> {
  const farm = agent.desired.farms.find(({ name }) => name === request.farm)
  return farm ? { status: 200, body: await agent.doctor(farm, request) } : { status: 404, body: { message: `The agent has no farm ${request.farm} yet.` } }
}

function statusOf(agent: FakeAgent, only: string | null): AgentStatus {
  const applied = agent.applied === agent.desired.generation
  return {
    protocol: agentProtocol,
    version: agent.log.length,
    startedAt: '2026-01-01T00:00:00.000Z',
    generation: agent.desired.generation,
    appliedGeneration: agent.applied,
    engines: [{ name: 'nftlb', version: '1.0', running: true }],
    farms: agent.desired.farms
      .filter((farm) => only === null || farm.name === only)
      .map((farm) => ({
        name: farm.name,
        applied,
        engine: applied && farm.adminState === 'enabled' ? 'nftlb' : null,
        handover: agent.handovers[farm.name] ?? null,
        interface: farm.interface ?? 'eth0',
        backends: farm.backends.map((backend) => ({ name: backend.name, active: applied && backend.adminState === 'enabled', mac: backend.mac ?? '52:54:00:00:00:aa', health: monitorOf(farm, backend) ? (agent.health[backend.name] ?? healthy) : null })),
      })),
    faults: agent.faults,
  }
}
