import type { Problem } from '#lib/domain/problem.ts'
import { filledVips, type BackendValues, type FarmValues } from './farm-values.ts'
import { monitorFields, type MonitorField } from './monitor-values.ts'

export type FarmField = Exclude<keyof FarmValues, 'monitor'>
export type BackendField = Exclude<keyof BackendValues, 'key' | 'monitor'>

/** Names one control of the form. Rows are named by their key, because their position changes when one is removed. */
export type FieldId = FarmField | `${string}/${BackendField}` | MonitorFieldId

type MonitorFieldId = `monitor/${MonitorField}` | `${string}/monitor/${MonitorField}`

export function backendFieldId(key: string, field: BackendField): FieldId {
  return `${key}/${field}`
}

/** A field of the health check of a row, or of the farm when that is null. */
export function monitorFieldId(row: string | null, field: MonitorField): MonitorFieldId {
  return row === null ? `monitor/${field}` : `${row}/monitor/${field}`
}

const farmFields: readonly FarmField[] = ['name', 'adminState', 'mode', 'interface', 'vip', 'additionalVips', 'protocol', 'ports', 'scheduler', 'hashInput', 'slots', 'handoverPeriod', 'handoverSize', 'persistence', 'persistenceTtl', 'whenAllUnhealthy', 'slowStart', 'backends']
const backendFields: readonly BackendField[] = ['name', 'address', 'port', 'mac', 'weight', 'priority', 'adminState']

/** The rows that pointers count: backends, and the additional VIPs of which blank ones are not sent. */
export type Rows = Pick<FarmValues, 'backends' | 'additionalVips'>

export function vipFieldId(key: string): FieldId {
  return `${key}/address`
}

/** The control that a JSON pointer means; null when no control of this form stands for it. */
export function fieldOf(pointer: string, { backends, additionalVips }: Rows): FieldId | null {
  const [, first, second, third, fourth] = pointer.split('/')
  if (first === 'monitor') return monitorFieldId(null, monitorFieldOf(second))
  const field = farmFields.find((one) => one === first)
  if (field === 'additionalVips') {
    const vip = second === undefined ? undefined : filledVips({ additionalVips })[Number(second)]
    return vip ? vipFieldId(vip.key) : field
  }
  if (field !== 'backends' || second === undefined) return field ?? null
  const row = backends[Number(second)]
  if (!row) return 'backends'
  if (third === 'monitor') return monitorFieldId(row.key, monitorFieldOf(fourth))
  const column = backendFields.find((one) => one === third)
  return column ? backendFieldId(row.key, column) : backendFieldId(row.key, 'name')
}

/** What is wrong with the health check as a whole is said where its type is chosen. */
function monitorFieldOf(name: string | undefined): MonitorField {
  return monitorFields.find((one) => one === name) ?? 'type'
}

/** Problems by control; those that belong to none are under null. Two ports with the same fault say it once. */
export function problemsByField(problems: readonly Problem[], rows: Rows): Map<FieldId | null, Problem[]> {
  const byField = new Map<FieldId | null, Problem[]>()
  for (const problem of problems) {
    const field = fieldOf(problem.pointer, rows)
    const list = byField.get(field) ?? []
    if (!list.some((one) => one.message === problem.message)) byField.set(field, [...list, problem])
  }
  return byField
}
