import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hash32 } from '#lib/domain/hash.ts'
import { assign, fillTable, nobody, type Candidate } from '#lib/render/maglev.ts'

const primes = [13, 97, 1021, 4093] as const
const keys = fc.uniqueArray(fc.integer({ min: 1, max: 250 }).map((host) => `203.0.113.${host}`), { minLength: 1, maxLength: 12 })
const candidates = keys.chain((list) => fc.tuple(...list.map((key) => fc.integer({ min: 1, max: 9 }).map((weight): Candidate => ({ key, weight })))))

/**
 * Maglev as the paper has it (Eisenbud et al., NSDI 2016, section 3.4, pseudocode 1): whole permutations first, then in turns the next
 * free entry of each. Who has half of the largest weight takes a turn in every second round, and so on.
 */
function reference(list: readonly Candidate[], size: number): string[] {
  const sorted = [...list].sort((a, b) => (a.key < b.key ? -1 : 1))
  const permutations = sorted.map(({ key }) => {
    const [offset, skip] = [hash32(`offset ${key}`) % size, (hash32(`skip ${key}`) % (size - 1)) + 1]
    return Array.from({ length: size }, (_, j) => (offset + j * skip) % size)
  })
  const heaviest = Math.max(...sorted.map(({ weight }) => weight))
  const next = sorted.map(() => 0)
  const entry = Array.from<string | undefined>({ length: size })
  for (let [filled, round] = [0, 1]; filled < size; round++) {
    for (const [i, { key, weight }] of sorted.entries()) {
      const due = Math.floor((round * weight) / heaviest) - Math.floor(((round - 1) * weight) / heaviest)
      if (due === 0 || filled === size) continue
      while (entry[permutations[i]?.[next[i] ?? 0] ?? 0] !== undefined) next[i] = (next[i] ?? 0) + 1
      entry[permutations[i]?.[next[i] ?? 0] ?? 0] = key
      filled++
    }
  }
  return entry.map(String)
}

function keysOf(table: Uint16Array, list: readonly Candidate[]): string[] {
  return [...table].map((index) => list[index]?.key ?? 'nobody')
}

describe('a Maglev table', () => {
  it('is the one of the paper', () => {
    fc.assert(
      fc.property(candidates, fc.constantFrom(...primes), (list, size) => {
        expect(keysOf(fillTable(list, size), list)).toEqual(reference(list, size))
      }),
      { numRuns: 100 },
    )
  })

  it('has every slot filled, and is empty without candidates', () => {
    expect(fillTable([{ key: 'a', weight: 3 }], 4093)).toEqual(new Uint16Array(4093))
    expect([...new Set(fillTable([], 97))]).toEqual([nobody])
  })

  it('is the same whatever the order in which its candidates stand', () => {
    fc.assert(
      fc.property(candidates.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))), ([list, shuffled]) => {
        expect(keysOf(fillTable(shuffled, 1021), shuffled)).toEqual(keysOf(fillTable(list, 1021), list))
      }),
      { numRuns: 60 },
    )
  })

  it('moves few slots of those that stay when one is added', () => {
    const ten = Array.from({ length: 10 }, (_, i) => ({ key: `203.0.113.${21 + i}`, weight: 1 }))
    const [before, after] = [keysOf(fillTable(ten.slice(1), 4093), ten.slice(1)), keysOf(fillTable(ten, 4093), ten)]
    const moved = after.filter((key, slot) => key !== before[slot] && key !== ten[0]?.key)
    expect(moved.length / 4093).toBeLessThan(0.05)
  })
})

/** How many of 100,000 clients each candidate gets, each client being a slot by a hash of its address and port. */
function clients(table: Uint16Array, list: readonly Candidate[]): number[] {
  const counts = list.map(() => 0)
  for (let i = 0; i < 100_000; i++) {
    const index = table[hash32(`198.51.${i % 100}.${i % 251} ${1024 + i}`) % table.length] ?? nobody
    counts[index] = (counts[index] ?? 0) + 1
  }
  return counts
}

describe('the share that each backend gets of 100,000 clients', () => {
  it.each<[string, number[], number, number | null]>([
    ['of two equal ones', [1, 1], 4093, null],
    ['of weights 1, 2 and 5', [1, 2, 5], 4093, null],
    ['of ten equal ones', Array<number>(10).fill(1), 4093, null],
    ['of ten equal ones in the large table', Array<number>(10).fill(1), 65537, null],
    ['of weights 100, 50 and 10', [100, 50, 10], 4093, null],
    ['of weights 1, 2 and 5 when the first is out', [1, 2, 5], 4093, 0],
  ])('%s is within 5 %% of its weight', (_, weights, size, out) => {
    const list = weights.map((weight, i) => ({ key: `203.0.113.${21 + i}`, weight }))
    const counts = clients(assign(fillTable(list, size), list, (index) => Number(index !== out)), list)
    const active = weights.map((weight, i) => (i === out ? 0 : weight))
    const sum = active.reduce((total, weight) => total + weight, 0)
    active.forEach((weight, i) => expect(Math.abs((counts[i] ?? 0) - (weight / sum) * 100_000)).toBeLessThanOrEqual((weight / sum) * 5000))
  })
})

describe('slots of candidates that are not active', () => {
  it('go to the same others in any order of events, and come back exactly', () => {
    fc.assert(
      fc.property(candidates.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray([...list.keys()]), fc.array(fc.nat(), { maxLength: 6 }))), ([list, out, detours]) => {
        const table = fillTable(list, 1021)
        for (const detour of detours) assign(table, list, (index) => Number(index !== detour % list.length))
        const away = assign(table, list, (index) => Number(!out.includes(index)))
        expect([...away].every((index, slot) => (out.includes(table[slot] ?? nobody) ? !out.includes(index) : index === table[slot]))).toBe(true)
        expect(assign(table, list, () => 1)).toEqual(table)
      }),
      { numRuns: 60 },
    )
  })

  it('do not depend on the order of the list', () => {
    fc.assert(
      fc.property(candidates.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }), fc.integer({ min: 0, max: 11 }))), ([list, shuffled, out]) => {
        const gone = list[out % list.length]?.key
        const owners = (order: readonly Candidate[]): string[] => keysOf(assign(fillTable(order, 1021), order, (index) => Number(order[index]?.key !== gone)), order)
        expect(owners(shuffled)).toEqual(owners(list))
      }),
      { numRuns: 60 },
    )
  })

  it('come back in parts, each of which has the slots of the one before and more, and touch nobody else', () => {
    const list = Array.from({ length: 5 }, (_, i) => ({ key: `203.0.113.${21 + i}`, weight: 1 }))
    const table = fillTable(list, 4093)
    const own = [...table.keys()].filter((slot) => table[slot] === 0)
    const steps = [0, 0.25, 0.5, 0.75, 1].map((part) => assign(table, list, (index) => (index === 0 ? part : 1)))
    const had = steps.map((step) => own.filter((slot) => step[slot] === 0))
    had.forEach((slots, i) => {
      expect(slots.length / own.length).toBeCloseTo(i / 4, 1)
      expect(slots).toEqual(expect.arrayContaining(had[i - 1] ?? []))
      expect([...table.keys()].every((slot) => table[slot] === 0 || steps[i]?.[slot] === table[slot])).toBe(true)
    })
  })

  it('are all with those that have some when nobody has all', () => {
    const list = [{ key: 'a', weight: 1 }, { key: 'b', weight: 1 }, { key: 'c', weight: 1 }]
    const table = fillTable(list, 97)
    const left = assign(table, list, (index) => (index === 2 ? 0 : 0.25))
    expect([...left].every((owner, slot) => (table[slot] === 2 ? owner < 2 : owner === table[slot]))).toBe(true)
  })

  it('are nobody’s when none is active', () => {
    const list = [{ key: 'a', weight: 1 }, { key: 'b', weight: 1 }]
    expect([...new Set(assign(fillTable(list, 97), list, () => 0))]).toEqual([nobody])
  })
})
