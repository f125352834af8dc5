import { describe, expect, it } from 'vitest'
import type { FarmInput } from '#lib/domain/farm.ts'
import type { Impact } from '#lib/domain/plan.ts'
import { commit, converge } from '#agent/engine/native/converge.ts'
import { emptyMirror } from '#agent/engine/native/held.ts'
import { impactOf } from '#agent/engine/native/impact.ts'
import { backends, json } from '../json.ts'

/** What an edit of a farm does to its connections, and the change itself. */
function edit(before: Partial<FarmInput>, after: Partial<FarmInput>): Impact {
  const mirror = emptyMirror()
  const [old, wanted] = [json({ scheduler: 'maglev', ...before }), json({ scheduler: 'maglev', ...after })]
  commit(mirror, old.name, converge(mirror, old.name, old, 0).next, null)
  const held = mirror.farms.get(old.name)
  if (!held) throw new Error('there is no farm')
  return impactOf(held, wanted, converge(mirror, wanted.name, wanted, 0).moves)
}

const ten = { backends: backends(10) }

describe('the impact of an edit', () => {
  it.each<[string, Partial<FarmInput>, Partial<FarmInput>, string]>([
    ['nothing', ten, ten, 'hitless No connection is touched.'],
    ['a drained backend', ten, { backends: backends(10, { b3: { adminState: 'draining' } }) }, 'hitless 10 % of new connections go to another backend. Open ones stay where they are, for up to an hour.'],
    ['an added backend', { backends: backends(1) }, { backends: backends(2) }, 'hitless 50 % of new connections go to another backend. Open ones stay where they are, for up to an hour.'],
    ['a disabled backend', ten, { backends: backends(10, { b3: { adminState: 'disabled' } }) }, 'remaps 10 % of the slots change their backend at once: the connections of b3 end. No other is touched.'],
    ['the last backend drained', { backends: backends(1) }, { backends: backends(1, { b1: { adminState: 'draining' } }) }, 'interrupts No backend is left for new clients; they are refused. Open connections stay, for up to an hour.'],
    ['the last backend disabled', { backends: backends(1) }, { backends: backends(1, { b1: { adminState: 'disabled' } }) }, 'interrupts No backend is left for new clients; they are refused. Open connections break.'],
    ['a port less', { ports: ['80', '443'] }, { ports: ['80'] }, 'interrupts The farm stops answering at tcp 203.0.113.7 port 443; connections there break.'],
    ['a port more', { ports: ['80'] }, { ports: ['80', '443'] }, 'hitless No connection is touched.'],
    ['another VIP', {}, { vip: '203.0.113.8' }, 'interrupts The farm stops answering at tcp 203.0.113.7 port 80; connections there break.'],
    ['a VIP more', {}, { additionalVips: ['203.0.113.8'] }, 'hitless No connection is touched.'],
    ['a drained backend of UDP', { ...ten, protocol: 'udp' }, { backends: backends(10, { b3: { adminState: 'draining' } }), protocol: 'udp' }, 'remaps 10 % of the flows move to another backend: a datagram does not tell whether its flow is new.'],
    ['another hash', { backends: backends(2) }, { backends: backends(2), hashInput: ['srcip'] }, 'remaps 50 % of the flows move to another backend and their connections break, because the table is dealt anew.'],
  ])('%s', (_, before, after, expected) => {
    const { kind, text } = edit(before, after)
    expect(`${kind} ${text}`).toBe(expected)
  })

  it('has the exact share of slots', () => {
    const { share } = edit(ten, { backends: backends(10, { b3: { adminState: 'disabled' } }) })
    expect((share ?? 0) * 4093).toBeCloseTo(Math.round((share ?? 0) * 4093), 6)
  })
})
