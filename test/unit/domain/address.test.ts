import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inSubnet, parseAddress, parseMac } from '#lib/domain/address.ts'
import { normalizePorts, parsePortRange, sharedPort } from '#lib/domain/ports.ts'

describe('addresses', () => {
  it('print the same when what was printed is read again', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const once = parseAddress(text)
        if (!('address' in once)) return
        expect(parseAddress(once.address)).toEqual(once)
      }),
    )
  })

  it('print only characters that need no quoting anywhere', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.ipV6(), fc.ipV4()), (text) => {
        const parsed = parseAddress(text)
        if ('address' in parsed) expect(parsed.address).toMatch(/^[0-9a-f.:]+$/)
      }),
    )
  })

  it.each([
    ['10.9.0.200', '10.9.0.2', 24, true],
    ['10.9.1.200', '10.9.0.2', 24, false],
    ['10.9.1.200', '10.9.0.2', 23, true],
    ['fd09::11', 'fd09::2', 64, true],
    ['fd0a::11', 'fd09::2', 64, false],
    ['10.9.0.2', 'fd09::2', 0, false],
  ])('%s in %s/%i is %s', (address, network, prefix, expected) => {
    expect(inSubnet(address, network, prefix)).toBe(expected)
  })

  it('MAC addresses are read in both spellings and multicast ones are not', () => {
    expect(parseMac('52-54-00-AA-BB-CC')).toBe('52:54:00:aa:bb:cc')
    expect(parseMac('53:54:00:aa:bb:cc')).toBeNull()
  })
})

describe('ports', () => {
  const range = fc.tuple(fc.integer({ min: 1, max: 65535 }), fc.integer({ min: 1, max: 65535 })).map(([a, b]) => (a < b ? `${a}-${b}` : a === b ? `${a}` : `${b}-${a}`))

  it('normalising keeps exactly the same ports, sorted and without overlap', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 6 }), fc.integer({ min: 1, max: 65535 }), (list, port) => {
        const has = (ports: readonly string[]): boolean => ports.some((text) => (parsePortRange(text)?.from ?? 0) <= port && port <= (parsePortRange(text)?.to ?? 0))
        const normal = normalizePorts(list)
        expect(has(normal)).toBe(has(list))
        expect(normalizePorts(normal)).toEqual(normal)
        for (let i = 1; i < normal.length; i++) expect(parsePortRange(normal[i] ?? '')?.from).toBeGreaterThan(parsePortRange(normal[i - 1] ?? '')?.to ?? 0)
      }),
    )
  })

  it('a shared port is in both lists, and there is one exactly when they overlap', () => {
    fc.assert(
      fc.property(fc.array(range, { minLength: 1, maxLength: 4 }), fc.array(range, { minLength: 1, maxLength: 4 }), (a, b) => {
        const port = sharedPort(a, b)
        const within = (list: readonly string[], one: number): boolean => list.some((text) => (parsePortRange(text)?.from ?? 0) <= one && one <= (parsePortRange(text)?.to ?? 0))
        if (port !== null) expect(within(a, port) && within(b, port)).toBe(true)
        else for (const text of a) expect(within(b, parsePortRange(text)?.from ?? 0)).toBe(false)
      }),
    )
  })
})
