import { defaultScheduler, hasDefaultMonitor, type AdminState, type Backend, type Farm, type FarmAdminState, type FarmInput, type HashToken, type Mode, type Protocol, type Scheduler } from '#lib/domain/farm.ts'
import { namePattern } from '#lib/domain/name.ts'
import { newMonitor, toMonitorInput, toMonitorValues, type MonitorValues } from './monitor-values.ts'
import { typedNumber } from './typed-number.ts'

/** What stands in the row of a backend. `key` tells rows apart while names are still being typed. */
export type BackendValues = { key: string; name: string; address: string; port: string; mac: string; weight: string; priority: string; adminState: AdminState; monitor: MonitorValues }

/** An additional VIP as it was typed; a blank row stands for none. */
export type VipValues = { key: string; address: string }

/** What stands in the form, as it was typed. An empty interface is "automatic", so are empty slots and a monitor without a type, and no ports are all ports. */
export type FarmValues = {
  name: string
  adminState: FarmAdminState
  mode: Mode
  interface: string
  vip: string
  additionalVips: VipValues[]
  protocol: Protocol
  ports: string
  scheduler: Scheduler
  hashInput: HashToken[]
  slots: '' | `${Farm['slots']}`
  handoverPeriod: string
  handoverSize: string
  persistence: HashToken[]
  persistenceTtl: string
  monitor: MonitorValues
  whenAllUnhealthy: Farm['whenAllUnhealthy']
  slowStart: string
  backends: BackendValues[]
}

export function emptyBackend(key: string, name = ''): BackendValues {
  return { key, name, address: '', port: '', mac: '', weight: '1', priority: '1', adminState: 'enabled', monitor: newMonitor }
}

/** A new farm before anything was typed: the common case is two backends for a web service. */
export const newFarmValues: FarmValues = {
  name: '',
  adminState: 'enabled',
  mode: 'dsr',
  interface: '',
  vip: '',
  additionalVips: [],
  protocol: 'tcp',
  ports: '80',
  scheduler: 'maglev',
  hashInput: ['srcip', 'srcport'],
  slots: '',
  handoverPeriod: '3600',
  handoverSize: '65536',
  persistence: [],
  persistenceTtl: '60',
  monitor: newMonitor,
  whenAllUnhealthy: 'keep',
  slowStart: '0',
  backends: [emptyBackend('a'), emptyBackend('b')],
}

export function toFarmValues(farm: Farm): FarmValues {
  return {
    ...farm,
    interface: farm.interface ?? '',
    additionalVips: farm.additionalVips.map((address) => ({ key: `vip:${address}`, address })),
    ports: farm.ports.join(', '),
    slots: `${farm.slots}`,
    handoverPeriod: String(farm.handoverPeriod),
    handoverSize: String(farm.handoverSize),
    persistenceTtl: String(farm.persistenceTtl),
    monitor: farm.monitor ? { ...toMonitorValues(farm.monitor), ...(hasDefaultMonitor(farm) ? { type: '' } : {}) } : { ...newMonitor, type: 'none' },
    slowStart: String(farm.slowStart),
    backends: farm.backends.map(toBackendValues),
  }
}

function toBackendValues({ name, address, port, mac, weight, priority, adminState, monitor }: Backend): BackendValues {
  return { key: name, name, address, port: port === null ? '' : String(port), mac: mac ?? '', weight: String(weight), priority: String(priority), adminState, monitor: monitor ? toMonitorValues(monitor) : newMonitor }
}

/** Turns what was typed into a farm for `checkFarm` and the API. Text that is no number becomes NaN, which no schema accepts. */
export function toFarmInput(values: FarmValues): FarmInput {
  return {
    name: values.name.trim(),
    adminState: values.adminState,
    mode: values.mode,
    interface: values.interface === '' ? null : values.interface,
    vip: values.vip.trim(),
    additionalVips: filledVips(values).map((row) => row.address.trim()),
    protocol: values.protocol,
    ports: portsOf(values),
    scheduler: values.scheduler,
    hashInput: values.hashInput,
    ...(values.slots === '' ? {} : { slots: values.slots === '65537' ? 65537 : 4093 }),
    handoverPeriod: typedNumber(values.handoverPeriod),
    handoverSize: typedNumber(values.handoverSize),
    // Maglev has no table of clients: what was chosen for another scheduler stays in the form.
    persistence: values.scheduler === 'maglev' ? [] : values.persistence,
    persistenceTtl: typedNumber(values.persistenceTtl),
    ...(values.monitor.type === '' ? {} : { monitor: toMonitorInput(values.monitor, values.mode) }),
    whenAllUnhealthy: values.whenAllUnhealthy,
    slowStart: startsSlowly(values) ? typedNumber(values.slowStart) : 0,
    backends: values.backends.map((backend) => ({
      name: backend.name.trim(),
      address: backend.address.trim(),
      port: values.mode === 'dsr' || backend.port.trim() === '' ? null : typedNumber(backend.port),
      mac: backend.mac.trim() === '' ? null : backend.mac.trim(),
      weight: typedNumber(backend.weight),
      priority: typedNumber(backend.priority),
      adminState: backend.adminState,
      monitor: toMonitorInput(backend.monitor, values.mode),
    })),
  }
}

/** The ports as they were typed, with commas, blanks or both between them. */
export function portsOf({ ports }: Pick<FarmValues, 'ports'>): string[] {
  return ports.split(/[\s,]+/).filter(Boolean)
}

/** Whether a slow start can be had: only Maglev has one, and not for UDP. What was typed before stays in the form. */
export function startsSlowly({ scheduler, protocol }: Pick<FarmValues, 'scheduler' | 'protocol'>): boolean {
  return scheduler === 'maglev' && protocol !== 'udp'
}

/** The rows of additional VIPs that say something, in the order in which they are sent. */
export function filledVips({ additionalVips }: Pick<FarmValues, 'additionalVips'>): VipValues[] {
  return additionalVips.filter((row) => row.address.trim() !== '')
}

/** The values in another mode. A scheduler that was the default of the old mode becomes that of the new one. */
export function inMode(values: FarmValues, mode: Mode): FarmValues {
  const untouched = values.scheduler === 'maglev' || values.scheduler === defaultScheduler(values.mode, values.persistence)
  return { ...values, mode, scheduler: untouched ? defaultScheduler(mode, values.persistence) : values.scheduler }
}

/** The first free name of the form web1, web2 … for a farm called web; empty when the farm has no valid name yet. */
export function suggestName(farm: string, taken: readonly BackendValues[]): string {
  if (!namePattern.test(farm)) return ''
  const names = new Set(taken.map((backend) => backend.name))
  let number = 1
  while (names.has(`${farm}${number}`)) number++
  return `${farm}${number}`
}
