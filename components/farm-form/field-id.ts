import type { Problem } from '#lib/domain/problem.ts'
import { filledVips, type BackendValues, type FarmValues } from './farm-values.ts'

export type FarmField = keyof FarmValues
export type BackendField = Exclude<keyof BackendValues, 'key' | 'monitor'>

/** Names one control of the form. Rows are named by their key, because their position changes when one is removed. */
export type FieldId = FarmField | `${string}/${BackendField}`

export function backendFieldId(key: string, field: BackendField): FieldId {
  return `${key}/${field}`
}

const farmFields: readonly FarmField[] = ['name', 'adminState', 'mode', 'interface', 'vip', 'additionalVips', 'protocol', 'ports', 'scheduler', 'hashInput', 'slots', 'handoverPeriod', 'handoverSize', 'persistence', 'persistenceTtl', 'backends']
const backendFields: readonly BackendField[] = ['name', 'address', 'port', 'mac', 'weight', 'priority', 'adminState']

/** The rows that pointers count: backends, and the additional VIPs of which blank ones are not sent. */
export type Rows = Pick<FarmValues, 'backends' | 'additionalVips'>

export function vipFieldId(key: string): FieldId {
  return `${key}/address`
}

/** The control that a JSON pointer means; null when no control of this form stands for it. */
export function fieldOf(pointer: string, { backends, additionalVips }: Rows): FieldId | null {
  const [, first, second, third] = pointer.split('/')
  const field = farmFields.find((one) => one === first)
  if (field === 'additionalVips') {
    const vip = second === undefined ? undefined : filledVips({ additionalVips })[Number(second)]
    return vip ? vipFieldId(vip.key) : field
  }
  if (field !== 'backends' || second === undefined) return field ?? null
  const row = backends[Number(second)]
  if (!row) return 'backends'
  const column = backendFields.find((one) => one === third)
  return column ? backendFieldId(row.key, column) : backendFieldId(row.key, 'name')
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
