import { expect, test } from 'vitest'
import type { EngineCounters } from '#agent/engine/engine.ts'
import { sharedFor, statsOf } from '#agent/stats.ts'
import { agentStatsSchema } from '#lib/domain/agent-protocol.ts'

const at = new Date('2026-11-21T10:00:00.000Z')
const one = { packets: 3, bytes: 180, connections: 1 }

function counted(farm: string, ...backends: string[]): EngineCounters {
  return { farm, packets: 9, bytes: 540, connections: 3, unsent: 2, backends: backends.map((name) => ({ name, ...one })) }
}

test('counters get the names that the owner gave, and the shape of the protocol', () => {
  const stats = statsOf([counted('f_web_shop', 'b_web_1', 'b_web2')], [{ name: 'web-shop', backends: [{ name: 'web-1' }, { name: 'web2' }] }], at)
  expect(agentStatsSchema.parse(stats)).toEqual({
    at: '2026-11-21T10:00:00.000Z',
    farms: [{ name: 'web-shop', packets: 9, bytes: 540, connections: 3, unsent: 2, backends: [{ name: 'web-1', ...one }, { name: 'web2', ...one }] }],
  })
})

test('a farm that is not counted, and counters of a farm or backend that is gone, are left out', () => {
  const stats = statsOf([counted('f_web', 'b_web1', 'b_old'), counted('f_gone', 'b_web1')], [{ name: 'web', backends: [{ name: 'web1' }, { name: 'web2' }] }, { name: 'new', backends: [] }], at)
  expect(stats.farms.map(({ name, packets, backends }) => [name, packets, backends.map((backend) => backend.name)])).toEqual([['web', 9, ['web1']]])
})

test('many who ask cost one reading per second, counted from its end', async () => {
  let clock = 0
  const finish: Array<(value: number) => void> = []
  const ask = sharedFor(1000, () => new Promise<number>((resolve) => finish.push(resolve)), () => clock)
  const first = ask()
  clock = 5000
  const second = ask()
  finish[0]?.(1)
  expect(await Promise.all([first, second])).toEqual([1, 1])
  clock = 5999
  expect(await ask()).toBe(1)
  clock = 6000
  const third = ask()
  finish[1]?.(2)
  expect(await third).toBe(2)
  expect(finish).toHaveLength(2)
})

test('a reading that failed is not the last', async () => {
  let clock = 0
  let broken = true
  const ask = sharedFor(1000, () => (broken ? Promise.reject(new Error('no counters')) : Promise.resolve(7)), () => clock)
  await expect(ask()).rejects.toThrow('no counters')
  broken = false
  clock = 1000
  expect(await ask()).toBe(7)
})
