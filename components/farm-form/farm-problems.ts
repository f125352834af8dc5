import { checkFarm } from '#lib/domain/check.ts'
import type { Surroundings } from '#lib/domain/draft.ts'
import type { Problem } from '#lib/domain/problem.ts'
import { toFarmInput, type FarmValues } from './farm-values.ts'
import { isBlank } from './monitor-values.ts'

/**
 * What is wrong with what stands in the form: the rules of `checkFarm`, worded for someone who has not typed yet, and the
 * one rule that only holds when a farm is made, that its name is free.
 */
export function farmProblems(values: FarmValues, surroundings: Surroundings, creating: boolean): Problem[] {
  const { problems } = checkFarm(toFarmInput(values), surroundings)
  const taken = creating && surroundings.others.some((other) => other.name === values.name.trim())
  const found = problems.map((problem) => (isEmpty(problem.pointer, values) ? { ...problem, message: 'This field is required.', hint: '' } : problem))
  return taken ? [...found, nameTaken] : found
}

export const nameTaken: Problem = { pointer: '/name', code: 'name-taken', message: 'There is a farm of this name already.', hint: 'Choose another name, or edit that farm.' }

function isEmpty(pointer: string, values: FarmValues): boolean {
  if (pointer === '/name') return values.name.trim() === ''
  if (pointer === '/vip') return values.vip.trim() === ''
  if (pointer === '/persistenceTtl') return values.persistenceTtl.trim() === ''
  if (pointer === '/handoverPeriod') return values.handoverPeriod.trim() === ''
  if (pointer === '/handoverSize') return values.handoverSize.trim() === ''
  if (pointer === '/slowStart') return values.slowStart.trim() === ''
  const [, list, index, field, part] = pointer.split('/')
  if (list === 'monitor') return isBlank(values.monitor, index)
  const row = list === 'backends' ? values.backends[Number(index)] : undefined
  if (!row) return false
  if (field === 'monitor') return isBlank(row.monitor, part)
  return (field === 'name' || field === 'address' || field === 'weight' || field === 'priority') && row[field].trim() === ''
}
