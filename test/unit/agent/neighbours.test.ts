import { describe, expect, it } from 'vitest'
import { canProbe, learn, parseNeighbour, type Entry } from '#agent/neighbours.ts'

/** What is known after these lines of `ip monitor neigh`, one per second. */
function after(...lines: string[]): Entry | undefined {
  return lines.reduce<Entry | undefined>((entry, line, second) => {
    const parsed = parseNeighbour(line)
    return parsed ? learn(entry, parsed, second * 1000) : entry
  }, undefined)
}

const reachable = '192.0.2.11 dev eth0 lladdr 02:00:00:00:00:11 REACHABLE '

describe('what is known of a backend on the network', () => {
  it('is the MAC that answered, which is asked again', () => {
    expect(after(reachable)).toEqual({ mac: '02:00:00:00:00:11', failedSince: null, cached: true })
    expect(canProbe(after(reachable))).toBe(true)
  })

  it('keeps the MAC after a carrier loss, but asks with a packet because the kernel has no entry to probe', () => {
    const entry = after(reachable, 'Deleted 192.0.2.11 dev eth0 lladdr 02:00:00:00:00:11 REACHABLE ')
    expect(entry).toEqual({ mac: '02:00:00:00:00:11', failedSince: null, cached: false })
    expect(canProbe(entry)).toBe(false)
  })

  it('notices that the kernel dropped an entry in the middle of a question', () => {
    expect(canProbe(after(reachable, '192.0.2.11 dev eth0 lladdr 02:00:00:00:00:11 PROBE ', 'Deleted 192.0.2.11 dev eth0 lladdr 02:00:00:00:00:11 PROBE '))).toBe(false)
  })

  it('is the new MAC when another card answers after that', () => {
    const entry = after(reachable, 'Deleted 192.0.2.11 dev eth0 lladdr 02:00:00:00:00:11 STALE ', '192.0.2.11 dev eth0  INCOMPLETE ', '192.0.2.11 dev eth0 lladdr 02:00:00:00:00:99 REACHABLE ')
    expect(entry?.mac).toBe('02:00:00:00:00:99')
    expect(canProbe(entry)).toBe(true)
  })

  it('remembers the first of several failures, and the MAC that answered last', () => {
    expect(after(reachable, '192.0.2.11 dev eth0  FAILED ', '192.0.2.11 dev eth0  FAILED ')).toEqual({ mac: '02:00:00:00:00:11', failedSince: 1000, cached: true })
  })

  it('says nothing of a backend that was never seen and whose entry is dropped', () => {
    expect(after('Deleted 192.0.2.11 dev eth0  FAILED ')).toBeUndefined()
  })
})
