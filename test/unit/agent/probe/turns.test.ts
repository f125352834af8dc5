import { expect, it } from 'vitest'
import { openTurns } from '#agent/probe/turns.ts'

it('hands on at once what waits for nothing', () => {
  const handed: string[] = []
  const inTurn = openTurns()
  for (const value of ['a', 'b']) inTurn('one', value, (it) => handed.push(it))
  expect(handed).toEqual(['a', 'b'])
})

it('keeps the order of one id while something takes long, and holds up no other', async () => {
  const handed: string[] = []
  const inTurn = openTurns()
  let finish = (_: string): void => undefined
  inTurn('one', new Promise<string>((resolve) => (finish = resolve)), (it) => handed.push(it))
  inTurn('one', 'second', (it) => handed.push(it))
  inTurn('one', Promise.resolve('third'), (it) => handed.push(it))
  inTurn('other', 'at once', (it) => handed.push(it))
  expect(handed).toEqual(['at once'])
  finish('first')
  await expect.poll(() => handed).toEqual(['at once', 'first', 'second', 'third'])
  inTurn('one', 'later', (it) => handed.push(it))
  expect(handed.at(-1)).toBe('later')
})
