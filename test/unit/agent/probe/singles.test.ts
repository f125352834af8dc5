import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openSingles } from '#agent/probe/singles.ts'
import { question } from './asked.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const nth = (key: number) => ({ ...question({ type: 'tcp', timeout: 1 }, 80), key })
const found = (key: number) => ({ key, at: 0, ms: 1, reason: null, detail: '' })

it('asks 256 at a time, and the next ones as answers come', async () => {
  let ready = 0
  const singles = openSingles(() => ready++)
  const answers = Array.from({ length: 300 }, (_, key) => singles.ask(nth(key)))
  expect(singles.next().map(({ key }) => key)).toEqual(Array.from({ length: 256 }, (_, key) => key))
  expect(singles.next()).toEqual([])
  singles.answer(found(7))
  expect(await answers[7]).toMatchObject({ key: 7, reason: null })
  expect(ready).toBe(1)
  expect(singles.next().map(({ key }) => key)).toEqual([256])
  expect(singles.open()).toBe(299)
})

it('says that it is not possible when no answer comes, from when it was asked on, and when nothing can be asked', async () => {
  const singles = openSingles(() => undefined)
  const answer = singles.ask(nth(1))
  vi.advanceTimersByTime(60_000)
  expect(singles.open()).toBe(1)
  singles.next()
  vi.advanceTimersByTime(12_000)
  expect(await answer).toMatchObject({ reason: 'not-possible', detail: 'The probe could not be sent: it took too long.' })
  const other = singles.ask(nth(2))
  singles.refuse('the agent ends.')
  expect(await other).toMatchObject({ reason: 'not-possible', detail: 'The probe could not be sent: the agent ends.' })
  singles.answer(found(2))
  expect(singles.open()).toBe(0)
})
