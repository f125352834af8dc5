import type { AdminState, Backend, Farm, FarmAdminState, FarmInput, HashToken, Mode, Protocol, Scheduler } from '#lib/domain/farm.ts'
import { namePattern } from '#lib/domain/name.ts'

/** What stands in the row of a backend. `key` tells rows apart while names are still being typed. */
export type BackendValues = { key: string; name: string; address: string; port: string; mac: string; weight: string; priority: string; adminState: AdminState }

/** What stands in the form, as it was typed. An empty interface is "automatic", no ports are all ports. */
export type FarmValues = {
  name: string
  adminState: FarmAdminState
  mode: Mode
  interface: string
  vip: string
  protocol: Protocol
  ports: string
  scheduler: Scheduler
  hashInput: HashToken[]
  persistence: HashToken[]
  persistenceTtl: string
  backends: BackendValues[]
}

export function emptyBackend(key: string, name = ''): BackendValues {
  return { key, name, address: '', port: '', mac: '', weight: '1', priority: '1', adminState: 'enabled' }
}

/** A new farm before anything was typed: the common case is two backends for a web service. */
export const newFarmValues: FarmValues = {
  name: '',
  adminState: 'enabled',
  mode: 'dsr',
  interface: '',
  vip: '',
  protocol: 'tcp',
  ports: '80',
  scheduler: 'symhash',
  hashInput: ['srcip', 'srcport'],
  persistence: [],
  persistenceTtl: '60',
  backends: [emptyBackend('a'), emptyBackend('b')],
}

export function toFarmValues(farm: Farm): FarmValues {
  return {
    ...farm,
    interface: farm.interface ?? '',
    ports: farm.ports.join(', '),
    persistenceTtl: String(farm.persistenceTtl),
    backends: farm.backends.map(toBackendValues),
  }
}

function toBackendValues({ name, address, port, mac, weight, priority, adminState }: Backend): BackendValues {
  return { key: name, name, address, port: port === null ? '' : String(port), mac: mac ?? '', weight: String(weight), priority: String(priority), adminState }
}

/** Turns what was typed into a farm for `checkFarm` and the API. Text that is no number becomes NaN, which no schema accepts. */
export function toFarmInput(values: FarmValues): FarmInput {
  return {
    name: values.name.trim(),
    adminState: values.adminState,
    mode: values.mode,
    interface: values.interface === '' ? null : values.interface,
    vip: values.vip.trim(),
    protocol: values.protocol,
    ports: values.ports.split(/[\s,]+/).filter(Boolean),
    scheduler: values.scheduler,
    hashInput: values.hashInput,
    persistence: values.persistence,
    persistenceTtl: toNumber(values.persistenceTtl),
    backends: values.backends.map((backend) => ({
      name: backend.name.trim(),
      address: backend.address.trim(),
      port: values.mode === 'dsr' || backend.port.trim() === '' ? null : toNumber(backend.port),
      mac: backend.mac.trim() === '' ? null : backend.mac.trim(),
      weight: toNumber(backend.weight),
      priority: toNumber(backend.priority),
      adminState: backend.adminState,
    })),
  }
}

function toNumber(text: string): number {
  return /^\d{1,10}$/.test(text.trim()) ? Number(text) : Number.NaN
}

/** The first free name of the form web1, web2 … for a farm called web; empty when the farm has no valid name yet. */
export function suggestName(farm: string, taken: readonly BackendValues[]): string {
  if (!namePattern.test(farm)) return ''
  const names = new Set(taken.map((backend) => backend.name))
  let number = 1
  while (names.has(`${farm}${number}`)) number++
  return `${farm}${number}`
}
