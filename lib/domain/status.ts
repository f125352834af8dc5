import { z } from 'zod'
import { needsMac, type Backend, type Farm } from './farm.ts'
import { faultSchema, type FaultCode } from './fault.ts'
import { backendHealthSchema } from './health.ts'

export const statuses = ['online', 'degraded', 'draining', 'standby', 'offline', 'error', 'unmonitored'] as const
export type Status = (typeof statuses)[number]

/** What the agent observes of one backend: whether the kernel sends it new clients, the MAC address in use, and what the probes say; null without a monitor. */
export const backendObservationSchema = z.strictObject({ name: z.string(), active: z.boolean(), mac: z.string().nullable(), health: backendHealthSchema.nullable() })

export const engineNames = ['native', 'nftlb'] as const
export type EngineName = (typeof engineNames)[number]

export const engineStateSchema = z.strictObject({ name: z.string(), version: z.string().nullable(), running: z.boolean() }).meta({ id: 'EngineState' })

export type EngineState = z.output<typeof engineStateSchema>

/**
 * A handover: connections that began before a change of the pool stay on the backend that their slot had, as long as they
 * speak and the handover lasts. `owners` are those backends, as far as they differ from the present one.
 */
export const handoverSchema = z
  .strictObject({
    slots: z.int().describe('Slots of the table that are handed over now.'),
    of: z.int().describe('Slots of the whole table.'),
    endsInSeconds: z.int().describe('Seconds until the first connections that are still open then are given up.'),
    owners: z.array(
      z.strictObject({
        backend: z.string().nullable().describe('null: a backend that the farm does not have any more.'),
        address: z.string(),
        endsInSeconds: z.int().describe('Seconds until the first of its connections that are still open then are given up.'),
        packets: z.int().describe('Packets of connections begun before the change that it got since then.'),
        quietSeconds: z.int().nullable().describe('Seconds since the last of them; null while there was none.'),
      }),
    ),
  })
  .meta({ id: 'Handover' })

export type Handover = z.output<typeof handoverSchema>

/** What the agent observes of one farm. `applied` is false while the kernel still has other rules than wanted. */
export const farmObservationSchema = z.strictObject({
  name: z.string(),
  applied: z.boolean(),
  /** The engine that serves it; null while it is not in the kernel. */
  engine: z.enum(engineNames).nullable(),
  handover: handoverSchema.nullable(),
  interface: z.string().nullable(),
  backends: z.array(backendObservationSchema),
})

export type FarmObservation = z.output<typeof farmObservationSchema>

export const backendStatusSchema = z
  .strictObject({ name: z.string(), adminState: z.string(), status: z.enum(statuses), active: z.boolean(), mac: z.string().nullable(), health: backendHealthSchema.nullable().describe('null when it is not monitored or the agent is away.') })
  .meta({ id: 'BackendStatus' })

export const farmStatusSchema = z
  .strictObject({
    name: z.string(),
    status: z.enum(statuses),
    pending: z.boolean(),
    engine: z.enum(engineNames).nullable().describe('The engine that serves the farm; null while it is not in the kernel or the agent is away.'),
    handover: handoverSchema.nullable().describe('null when no connection is between two backends.'),
    interface: z.string().nullable(),
    active: z.int(),
    total: z.int(),
    backends: z.array(backendStatusSchema),
    faults: z.array(faultSchema),
  })
  .meta({ id: 'FarmStatus' })

export type BackendStatus = z.output<typeof backendStatusSchema>
export type FarmStatus = z.output<typeof farmStatusSchema>

/** Faults that leave a farm without service for new clients, whatever its backends look like. */
const grave: ReadonlySet<FaultCode> = new Set<FaultCode>(['all-unhealthy', 'apply-failed', 'backend-lost', 'interface-down', 'interface-missing', 'no-active-backend', 'vip-off-subnet', 'vip-refused'])

/**
 * Folds admin state, health and what the kernel has into one word per backend and farm. `error` is kept for what is known to be
 * wrong; `unmonitored` says that nobody looks or nothing is known yet: the agent is away, there is no monitor, or no probe has ended.
 */
export function foldStatus(farm: Farm, seen: FarmObservation | null, faults: FarmStatus['faults']): FarmStatus {
  const backends = farm.backends.map((backend) => foldBackend(farm, backend, seen, faults))
  const active = backends.filter((backend) => backend.active).length
  return {
    name: farm.name,
    status: farmStatus(farm, seen, backends, faults),
    pending: seen ? !seen.applied : true,
    engine: seen?.engine ?? null,
    handover: seen?.handover ?? null,
    interface: seen?.interface ?? farm.interface,
    active,
    total: backends.length,
    backends,
    faults,
  }
}

function foldBackend(farm: Farm, backend: Backend, seen: FarmObservation | null, faults: FarmStatus['faults']): BackendStatus {
  const observed = seen?.backends.find((one) => one.name === backend.name)
  const active = observed?.active ?? false
  const base = { name: backend.name, adminState: backend.adminState, active, mac: observed?.mac ?? null, health: observed?.health ?? null }
  if (farm.adminState === 'disabled' || backend.adminState === 'disabled') return { ...base, status: 'offline' }
  if (backend.adminState === 'draining') return { ...base, status: 'draining' }
  if (!observed) return { ...base, status: 'unmonitored' }
  // Active and silent or unhealthy go together when all are: the last that answered stay in use.
  if (observed.health?.state === 'unhealthy' || faults.some((one) => one.code === 'backend-mac-unknown' && one.backend === backend.name)) return { ...base, status: 'error' }
  if (active) return { ...base, status: observed.health?.state === 'healthy' ? 'online' : 'unmonitored' }
  if (observed.mac === null && needsMac(farm.mode)) return { ...base, status: 'error' }
  const preferred = farm.backends.some((other) => other.priority < backend.priority && seen?.backends.some((one) => one.name === other.name && one.active))
  return { ...base, status: preferred ? 'standby' : 'offline' }
}

function farmStatus(farm: Farm, seen: FarmObservation | null, backends: BackendStatus[], faults: FarmStatus['faults']): Status {
  if (farm.adminState === 'disabled') return 'offline'
  if (!seen) return 'unmonitored'
  const draining = backends.some(({ adminState }) => adminState === 'draining') && backends.every(({ adminState }) => adminState !== 'enabled')
  if (faults.some(({ code }) => grave.has(code) && !(draining && code === 'no-active-backend'))) return 'error'
  const active = backends.filter((backend) => backend.active).length
  if (active === 0) return draining ? 'draining' : faults.length > 0 ? 'error' : 'offline'
  const wanted = backends.filter((backend) => backend.adminState === 'enabled')
  const standby = wanted.filter((backend) => backend.status === 'standby').length
  if (wanted.length - standby > active || faults.some((one) => one.severity !== 'info')) return 'degraded'
  return wanted.some((backend) => backend.status === 'online') ? 'online' : 'unmonitored'
}
