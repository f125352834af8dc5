import fc from 'fast-check'
import { createTask, validate } from 'node-cron'
import { expect, test } from 'vitest'
import { cronMistake, tidyCron } from '#lib/domain/doctor/cron.ts'
import { doctorCrons } from '#lib/domain/doctor/schedule.ts'

test.each([
  ...Object.values(doctorCrons),
  '* * * * *',
  '*/5 0-6,22 * * mon-fri',
  '0 0 29 2 *',
  '0 0 31 4,5 *',
  '30 4 1-7/2 jan,dec *',
  '0 12 * * 0,7',
])('%s is a schedule', (expression) => {
  expect(cronMistake(expression)).toBeNull()
})

test.each([
  ['', 'five fields'],
  ['* * * * * *', 'five fields'],
  ['@daily', 'five fields'],
  ['60 * * * *', '60 is no minute'],
  ['* 24 * * *', '24 is no hour'],
  ['* * 0 * *', '0 is no day of the month'],
  ['* * * feb-13 *', 'feb-13 is no month'],
  ['* * * * 8', '8 is no day of the week'],
  ['* * * * jan', 'jan is no day of the week'],
  ['1-999999999 * * * *', 'is no minute'],
  ['5-1 * * * *', 'ends before it begins'],
  ['*/0 * * * *', 'The step 0'],
  ['*/90 * * * *', 'The step 90'],
  ['5/10 * * * *', 'write 5-59/10'],
  ['1,,2 * * * *', 'Nothing is no minute'],
  ['*-5 * * * *', '*-5 is no minute'],
  ['0 0 30 2 *', 'no such day'],
  ['0 0 31 4,6,9 *', 'no such day'],
  ['0 0 13 * 5', 'leave the other *'],
  ['0 0 L * *', 'L is no day of the month'],
  [`${'1,'.repeat(60)}1 * * * *`, 'longer than 100'],
])('%j is none, and it is said why', (expression, reason) => {
  expect(cronMistake(expression)).toContain(reason)
})

test('blanks and capitals do not matter', () => {
  expect(tidyCron(' 0\t3  * * MON ')).toBe('0 3 * * mon')
})

const number = (min: number, max: number) => fc.integer({ min: min - 1, max: max + 2 }).map(String)
const part = (min: number, max: number) =>
  fc.oneof(fc.constant('*'), number(min, max), fc.tuple(number(min, max), number(min, max)).map((range) => range.join('-')), fc.integer({ min: 0, max: 70 }).map((step) => `*/${step}`), fc.tuple(number(min, max), number(min, max), number(1, 9)).map(([a, b, step]) => `${a}-${b}/${step}`))
const field = (min: number, max: number) => fc.oneof({ weight: 2, arbitrary: fc.constant('*') }, { weight: 3, arbitrary: fc.array(part(min, max), { minLength: 1, maxLength: 3 }).map((parts) => parts.join(',')) })
const expressions = fc.tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7)).map((all) => all.join(' '))

test('whatever is taken, the scheduler takes too and knows when it comes next', async () => {
  let taken = 0
  await fc.assert(
    fc.asyncProperty(expressions, async (expression) => {
      if (cronMistake(expression) !== null) return
      taken++
      expect(validate(expression)).toBe(true)
      const task = createTask(expression, () => {})
      await task.start()
      const next = task.getNextRun()
      await task.destroy()
      expect(next).toBeInstanceOf(Date)
    }),
    { numRuns: 2000 },
  )
  expect(taken).toBeGreaterThan(20)
})

test('no text makes the check itself fail', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.array(fc.constantFrom('*', '/', '-', ',', ' ', '0', '59', '999999999', 'mon', 'constructor'), { maxLength: 30 }).map((parts) => parts.join(''))), (text) => {
    const mistake = cronMistake(tidyCron(text))
    expect(mistake === null || mistake.length > 10).toBe(true)
  }))
})
