import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { between, perSecond } from '#lib/domain/rates.ts'
import { sample, totals } from './samples.ts'

const start = '2026-11-21T10:00:00.000Z'
const later = '2026-11-21T10:00:05.000Z'

describe('what happened between two samples', () => {
  it('is the difference, of the farm and of each backend', () => {
    const found = between(sample(start, { web: { packets: 1000, unsent: 3, backends: { web1: 600, web2: 400 } } }), sample(later, { web: { packets: 1500, unsent: 5, backends: { web1: 600, web2: 900 } } }))
    expect(found).toMatchObject({ seconds: 5, endedAt: new Date(later) })
    const web = found?.farms.get('web')
    expect(web).toMatchObject({ ...totals(500), unsent: 2 })
    expect([...(web?.backends ?? [])]).toEqual([['web1', totals(0)], ['web2', totals(500)]])
  })

  it('is not known of a farm or backend that is new', () => {
    const found = between(sample(start, { web: { packets: 10, backends: { web1: 10 } } }), sample(later, { web: { packets: 900, backends: { web1: 10, web2: 890 } }, mail: { packets: 70_000 } }))
    expect([...(found?.farms.keys() ?? [])]).toEqual(['web'])
    expect([...(found?.farms.get('web')?.backends.keys() ?? [])]).toEqual(['web1'])
  })

  it('is not known of what counts anew, and known of the others', () => {
    const found = between(
      sample(start, { web: { packets: 1000, backends: { web1: 1000 } }, mail: { packets: 50 }, dns: { packets: 1000, backends: { d1: 700, d2: 300 } } }),
      sample(later, { web: { packets: 900, backends: { web1: 900 } }, mail: { packets: 60 }, dns: { packets: 1200, backends: { d1: 900, d2: 20 } } }),
    )
    expect([...(found?.farms.keys() ?? [])]).toEqual(['mail', 'dns'])
    expect([...(found?.farms.get('dns')?.backends.keys() ?? [])]).toEqual(['d1'])
  })

  it('is not known when one number of several shrank', () => {
    const before = sample(start, { web: { packets: 1000 } })
    const after = sample(later, { web: { packets: 2000 } })
    after.farms.forEach((farm) => (farm.connections = 1))
    expect(between(before, after)?.farms.size).toBe(0)
  })

  it.each([
    ['without time between them', start],
    ['when the clock ran backwards', '2026-11-21T09:59:59.000Z'],
    ['when the agent was away', '2026-11-21T10:00:20.001Z'],
  ])('is not known %s', (_, at) => {
    expect(between(sample(start, { web: { packets: 1 } }), sample(at, { web: { packets: 500_000 } }))).toBeNull()
  })

  it('is never negative and never more than what was counted in all', () => {
    const count = fc.nat(1_000_000)
    fc.assert(
      fc.property(count, count, count, count, (a, b, c, d) => {
        const found = between(sample(start, { web: { packets: a, backends: { web1: b } } }), sample(later, { web: { packets: c, backends: { web1: d } } }))?.farms.get('web')
        const counted = [[found, a, c], [found?.backends.get('web1'), b, d]] as const
        for (const [one, before, after] of counted) if (one) expect(one.packets).toBe(after - before)
        expect(found === undefined).toBe(c < a)
      }),
    )
  })
})

it('rates are per second, and bits', () => {
  expect(perSecond({ packets: 500, bytes: 30_000, connections: 7 }, 5)).toEqual({ packets: 100, bits: 48_000, connections: 1.4 })
  expect(perSecond({ packets: 1, bytes: 0, connections: 0 }, 3).packets).toBe(0.33)
})
