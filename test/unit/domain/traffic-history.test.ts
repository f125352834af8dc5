import { describe, expect, it } from 'vitest'
import { addTo, bucketsFromText, bucketsToText, placeOf, pointsOf, type Bucket } from '#lib/domain/traffic-history.ts'

const counted = { packets: 100, bytes: 6000, connections: 10, unsent: 1 }
const hour = placeOf(new Date('2026-11-21T10:00:00Z')).hour

describe('the history of a farm', () => {
  it.each([
    ['2026-11-21T10:00:00.000Z', 0, 0],
    ['2026-11-21T10:04:59.999Z', 0, 0],
    ['2026-11-21T10:05:00.000Z', 0, 1],
    ['2026-11-21T10:59:59.999Z', 0, 11],
    ['2026-11-21T11:00:00.000Z', 1, 0],
  ])('puts %s where it belongs', (at, hours, index) => {
    expect(placeOf(new Date(at))).toEqual({ hour: hour + hours, index })
  })

  it('adds up what falls into one bucket, and keeps its seconds without rests', () => {
    let buckets: Bucket[] = []
    for (let round = 0; round < 3; round++) buckets = addTo(buckets, 4, 5.1, counted)
    expect(buckets).toEqual([{ index: 4, seconds: 15.3, packets: 300, bytes: 18_000, connections: 30, unsent: 3 }])
  })

  it('keeps buckets in order and the one before as it was', () => {
    const first = addTo([], 5, 5, counted)
    const both = addTo(first, 3, 5, counted)
    expect(both.map(({ index }) => index)).toEqual([3, 5])
    expect(first).toHaveLength(1)
  })

  it('is the same after it was stored and read', () => {
    const buckets = addTo(addTo([], 0, 4.98, counted), 11, 5, counted)
    expect(bucketsFromText(bucketsToText(buckets))).toEqual(buckets)
    expect(() => bucketsFromText('[[1,2]]')).toThrow()
  })

  it('is small: a full hour of a busy farm takes less than a kilobyte', () => {
    let buckets: Bucket[] = []
    for (let index = 0; index < 12; index++) buckets = addTo(buckets, index, 299.987, { packets: 299_999_999, bytes: 449_999_999_999, connections: 9_999_999, unsent: 99_999 })
    expect(bucketsToText(buckets).length).toBeLessThan(1000)
  })

  it('shows the last 24 hours, oldest first, with a gap where nothing was measured', () => {
    const now = new Date('2026-11-21T10:07:00Z')
    const hours = [
      { hour, buckets: addTo(addTo([], 0, 300, counted), 1, 120, counted) },
      { hour: hour - 24, buckets: addTo(addTo([], 1, 300, counted), 2, 300, counted) },
    ]
    expect(pointsOf(hours, now).map(({ at, seconds, packets }) => [at, seconds, packets])).toEqual([
      ['2026-11-20T10:10:00.000Z', 300, 100],
      ['2026-11-21T10:00:00.000Z', 300, 100],
      ['2026-11-21T10:05:00.000Z', 120, 100],
    ])
  })
})
