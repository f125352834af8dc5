import type { Backend, Farm } from '#lib/domain/farm.ts'
import { allUnhealthyWords, monitorText } from '#components/health/monitor-words.ts'
import { hashInputText, modeWords, portsText, protocolText, schedulerWords, tokenWords } from './words.ts'

/** One field that differs, in words; null on the side where there is nothing. */
export type FieldChange = { field: string; before: string | null; after: string | null }

const fields: ReadonlyArray<{ field: string; read: (farm: Farm) => string }> = [
  { field: 'Admin state', read: (farm) => farm.adminState },
  { field: 'Mode', read: (farm) => modeWords[farm.mode].label },
  { field: 'VIP', read: (farm) => farm.vip },
  { field: 'Additional VIPs', read: (farm) => farm.additionalVips.join(', ') || 'none' },
  { field: 'Interface', read: (farm) => farm.interface ?? 'automatic' },
  { field: 'Protocol', read: (farm) => protocolText(farm.protocol) },
  { field: 'Ports', read: (farm) => portsText(farm.ports) },
  { field: 'Scheduler', read: (farm) => schedulerWords[farm.scheduler].label },
  { field: 'Hash input', read: (farm) => hashInputText(farm.hashInput) },
  { field: 'Table size', read: (farm) => `${farm.slots} slots` },
  { field: 'Handover period', read: (farm) => `${farm.handoverPeriod} s` },
  { field: 'Handover size', read: (farm) => `${farm.handoverSize} connections` },
  { field: 'Persistence', read: (farm) => farm.persistence.map((token) => tokenWords[token]).join(', ') || 'none' },
  { field: 'Persistence time', read: (farm) => `${farm.persistenceTtl} s` },
  { field: 'Health check', read: (farm) => monitorText(farm.monitor) },
  { field: 'When all backends fail', read: (farm) => allUnhealthyWords[farm.whenAllUnhealthy].label.toLowerCase() },
  { field: 'Slow start', read: (farm) => `${farm.slowStart} s` },
]

const backendFields: ReadonlyArray<{ field: string; read: (backend: Backend) => string }> = [
  { field: 'address', read: (backend) => backend.address },
  { field: 'port', read: (backend) => (backend.port === null ? "the client's" : String(backend.port)) },
  { field: 'MAC', read: (backend) => backend.mac ?? 'found by the agent' },
  { field: 'weight', read: (backend) => String(backend.weight) },
  { field: 'priority', read: (backend) => String(backend.priority) },
  { field: 'admin state', read: (backend) => backend.adminState },
  { field: 'health check', read: (backend) => (backend.monitor ? monitorText(backend.monitor) : 'as the farm') },
]

/** What differs between two versions of a farm, field by field; a backend that is only on one side is one line. */
export function farmChanges(before: Farm | null, after: Farm | null): FieldChange[] {
  const plain = fields.flatMap(({ field, read }) => difference(field, before && read(before), after && read(after)))
  const names = [...new Set([...(before?.backends ?? []), ...(after?.backends ?? [])].map((backend) => backend.name))]
  return [...plain, ...names.flatMap((name) => backendChanges(name, find(before, name), find(after, name)))]
}

function find(farm: Farm | null, name: string): Backend | null {
  return farm?.backends.find((backend) => backend.name === name) ?? null
}

function backendChanges(name: string, before: Backend | null, after: Backend | null): FieldChange[] {
  if (!before || !after) return difference(`Backend ${name}`, before && summary(before), after && summary(after))
  return backendFields.flatMap(({ field, read }) => difference(`Backend ${name}: ${field}`, read(before), read(after)))
}

function summary({ address, port, weight, priority, adminState }: Backend): string {
  return [port === null ? address : `${address} port ${port}`, `weight ${weight}`, `priority ${priority}`, adminState].join(', ')
}

function difference(field: string, before: string | null, after: string | null): FieldChange[] {
  return before === after ? [] : [{ field, before, after }]
}
