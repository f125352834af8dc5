import { describe, expect, it } from 'vitest'
import { hash32 } from '#lib/domain/hash.ts'
import { idOf, ownerText } from '#agent/engine/native/ids.ts'
import { json } from '../json.ts'
import { commit, converge } from '#agent/engine/native/converge.ts'
import { emptyMirror } from '#agent/engine/native/held.ts'

const text = ownerText('f_web', '203.0.113.21')

describe('the id of an owner', () => {
  it('is a hash of farm and address, so that every appliance has the same', () => {
    expect(idOf(text, new Map())).toBe(hash32('f_web 203.0.113.21'))
    expect(ownerText('f_web', null)).toBe('f_web')
  })

  it('stays the same for who has it already', () => {
    expect(idOf(text, new Map([[hash32(text), text]]))).toBe(hash32(text))
  })

  it('is another one when somebody else has it, and again another when that is taken too', () => {
    const taken = new Map([[hash32(text), 'f_other 203.0.113.9']])
    const second = idOf(text, taken)
    expect(second).not.toBe(hash32(text))
    const third = idOf(text, new Map([...taken, [second, 'f_third 203.0.113.9']]))
    expect(new Set([hash32(text), second, third]).size).toBe(3)
    expect(idOf(text, new Map([...taken, [second, text]]))).toBe(second)
  })

  it('differs between all owners of a farm even when their hashes collide with those of other farms', () => {
    const mirror = emptyMirror()
    const farm = json({ scheduler: 'maglev' })
    for (const { 'ip-addr': address } of farm.backends) mirror.ids.set(hash32(ownerText('f_web', address)), 'f_other 203.0.113.9')
    mirror.ids.set(hash32('f_web'), 'f_another')
    const { next } = converge(mirror, 'f_web', farm, 0)
    const ids = [next?.id, ...(next?.owners.keys() ?? [])]
    expect(new Set([...ids, ...mirror.ids.keys()]).size).toBe(6)
    commit(mirror, 'f_web', next, farm['ether-addr'] ?? null)
    expect(converge(mirror, 'f_web', farm, 0).script).toBe('')
  })
})
