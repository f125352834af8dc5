import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hear, healthStates, joined, judge, lastHealthy, measuredOf, newTrack, newVerdict, type HealthState, type Track, type Verdict } from '#lib/domain/health.ts'

const rule = { rise: 2, fall: 3, interval: 2 }

/** A track after results: `+` for a good one, `-` for a failure. */
function after(results: string, track: Track = newTrack): Track {
  return [...results].reduce((one, result) => hear(one, result === '+', rule), track)
}

describe('one address', () => {
  it.each<[string, string, HealthState]>([
    ['nothing is known before the first result', '', 'unknown'],
    ['the first success is enough for one that nothing is known of', '+', 'healthy'],
    ['failures below the limit leave it unknown', '--', 'unknown'],
    ['as many failures in a row as `fall` make it unhealthy', '---', 'unhealthy'],
    ['a success in between starts the count anew', '+--+--', 'healthy'],
    ['one success is too few to come back', '---+', 'unhealthy'],
    ['as many successes in a row as `rise` bring it back', '---++', 'healthy'],
    ['a failure in between starts the count anew', '---+-+', 'unhealthy'],
  ])('%s', (_, results, state) => {
    expect(after(results).state).toBe(state)
  })

  it('changes only after enough equal results in a row', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (results) => {
        let track = newTrack
        results.forEach((good, index) => {
          const before = track
          track = hear(track, good, rule)
          if (before.state === track.state || before.state === 'unknown') return
          const last = results.slice(index + 1 - (good ? rule.rise : rule.fall), index + 1)
          expect(last.every((one) => one === good)).toBe(true)
          expect(track.state).toBe(good ? 'healthy' : 'unhealthy')
        })
      }),
    )
  })
})

describe('several addresses', () => {
  it('are healthy together, unhealthy when one is, and unknown otherwise', () => {
    const [u, h, x] = ['unknown', 'healthy', 'unhealthy'] as const
    expect([joined([]), joined([h]), joined([h, h]), joined([h, u]), joined([u, x]), joined([h, x])]).toEqual(['unknown', 'healthy', 'healthy', 'unknown', 'unhealthy', 'unhealthy'])
  })

  it.each<['both' | 'rip' | 'vip', HealthState]>([['both', 'unhealthy'], ['rip', 'healthy'], ['vip', 'unhealthy']])('count by path: with %s a missing VIP is %s', (paths, expected) => {
    expect(measuredOf({ paths }, 'healthy', 'unhealthy')).toBe(expected)
  })

  it('a path that is not asked does not count', () => {
    expect(measuredOf({ paths: 'both' }, 'healthy', null)).toBe('healthy')
  })
})

describe('a backend that changes often', () => {
  /** Lets it fail and answer again at once, `times` times, `apart` seconds from failure to failure. */
  function flap(times: number, apart: number, verdict: Verdict = newVerdict(0), from = 0): Verdict {
    let now = verdict
    for (let i = 0; i < times; i++) {
      now = judge(now, 'unhealthy', from + i * apart * 1000, rule)
      now = judge(now, 'healthy', from + (i * apart + 1) * 1000, rule)
    }
    return now
  }

  it('comes back as its monitor says for the first three failures in ten minutes', () => {
    expect(flap(3, 60)).toMatchObject({ state: 'healthy', hold: 0 })
  })

  it('must answer for a time that doubles with each further failure, five minutes at most', () => {
    const holds = [4, 5, 6, 7, 8, 9, 10, 20].map((times) => flap(times, 5).hold / 1000)
    expect(holds).toEqual([8, 16, 32, 64, 128, 256, 300, 300])
  })

  it('is healthy when it answered for that long, and not a moment before', () => {
    const held = flap(4, 60)
    expect(held).toMatchObject({ state: 'unhealthy', since: 180_000, well: 181_000 })
    expect(judge(held, 'healthy', 188_999, rule).state).toBe('unhealthy')
    expect(judge(held, 'healthy', 189_000, rule)).toMatchObject({ state: 'healthy', hold: 0, well: null, since: 189_000 })
  })

  it('that fails while it is held back waits longer, and counts as unhealthy since the first time', () => {
    const again = judge(flap(4, 60), 'unhealthy', 185_000, rule)
    expect(again).toMatchObject({ state: 'unhealthy', since: 180_000, hold: 16_000, well: null })
  })

  it('is forgiven after ten minutes', () => {
    const calm = judge(flap(4, 60), 'healthy', 400_000, rule)
    expect(flap(1, 60, calm, 1_000_000)).toMatchObject({ state: 'healthy', hold: 0 })
  })

  it('is not held back when nothing is measured any more', () => {
    expect(judge(flap(4, 60), 'unknown', 185_000, rule)).toMatchObject({ state: 'unknown', hold: 0 })
  })

  it('never comes back from unhealthy earlier than it must, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ measured: fc.constantFrom(...healthStates), seconds: fc.integer({ min: 1, max: 120 }) }), { maxLength: 60 }), (steps) => {
        let [now, verdict] = [0, newVerdict(0)]
        for (const { measured, seconds } of steps) {
          now += seconds * 1000
          const before = verdict
          verdict = judge(verdict, measured, now, rule)
          if (measured === 'unhealthy') expect(verdict.state).toBe('unhealthy')
          if (before.state === 'unhealthy' && verdict.state === 'healthy') expect(now - (before.well ?? now)).toBeGreaterThanOrEqual(before.hold)
          expect(verdict.hold).toBeLessThanOrEqual(300_000)
        }
      }),
    )
  })
})

describe('when nobody is healthy', () => {
  const spread = 7000
  it('those stay that failed together, last', () => {
    expect(lastHealthy(new Map([['web1', { since: 0, proven: true, well: false, spread, spared: false }], ['web2', { since: 100_000, proven: true, well: false, spread, spared: false }], ['web3', { since: 105_000, proven: true, well: false, spread, spared: false }]]))).toEqual(new Set(['web2', 'web3']))
  })

  it('one that never was healthy does not stand in for one that was', () => {
    expect(lastHealthy(new Map([['web1', { since: 0, proven: true, well: false, spread, spared: false }], ['new', { since: 100_000, proven: false, well: false, spread, spared: false }]]))).toEqual(new Set(['web1']))
    expect(lastHealthy(new Map([['new', { since: 0, proven: false, well: false, spread, spared: false }], ['newer', { since: 5000, proven: false, well: false, spread, spared: false }]]))).toEqual(new Set(['new', 'newer']))
    const verdict = judge(judge(newVerdict(0), 'healthy', 1, rule), 'unhealthy', 2, rule)
    expect([judge(newVerdict(0), 'unhealthy', 1, rule).proven, verdict.proven]).toEqual([false, true])
  })

  it('one that answers and is held back is better than any that does not', () => {
    expect(lastHealthy(new Map([['web1', { since: 0, proven: true, well: true, spread, spared: false }], ['web2', { since: 100_000, proven: true, well: false, spread, spared: false }]]))).toEqual(new Set(['web1']))
  })
})
