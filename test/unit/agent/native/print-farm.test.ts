import { describe, expect, it } from 'vitest'
import type { FarmInput } from '#lib/domain/farm.ts'
import { chainsOf, commit, converge } from '#agent/engine/native/converge.ts'
import { emptyMirror, type Held } from '#agent/engine/native/held.ts'
import { printFarm } from '#agent/engine/native/print-farm.ts'
import { digestOf } from '#agent/engine/native/rule-line.ts'
import type { Rules } from '#agent/engine/native/read-rules.ts'
import { backends, json } from '../json.ts'

/** The farm after these versions of it, one after the other. */
function heldAfter(...versions: Array<Partial<FarmInput>>): Held {
  const mirror = emptyMirror()
  for (const version of versions) {
    const farm = json({ scheduler: 'maglev', ...version })
    commit(mirror, farm.name, converge(mirror, farm.name, farm, 0).next, farm['ether-addr'] ?? null)
  }
  const held = mirror.farms.get('f_web')
  if (!held) throw new Error('there is no farm')
  return held
}

/** What the kernel answers when everything is as it should be. */
function rulesOf(held: Held): Rules {
  return new Map([...chainsOf(held)].map(([chain, rules]) => [chain, rules.map(digestOf)]))
}

describe('the rules of a farm as text', () => {
  it('name the ways to it, the share of each backend with its MAC, and its chains', () => {
    const held = heldAfter({ backends: backends(2, { b2: { weight: 3 } }) })
    const text = printFarm(held, rulesOf(held))
    expect(text).toContain('\t# ports4: tcp . 203.0.113.7 . 80 : goto f_web')
    expect(text).toMatch(/\t\t# 10\d\d slots: 0x[0-9a-f]{8} 203\.0\.113\.21 at 52:54:00:00:00:21\n/)
    expect(text).toMatch(/\t\t# 30\d\d slots: 0x[0-9a-f]{1,8} 203\.0\.113\.22 at 52:54:00:00:00:22\n/)
    expect(text).toMatch(/\tchain f_web \{\n\t\tmeta mark set jhash @nh,96,32 \. @th,0,16 mod 4093 seed 0x[0-9a-f]+ map @f_web goto send-tcp4-eth0\n/)
    expect(text).not.toMatch(/missing|own|handover/)
  })

  it('say how many slots are in handover', () => {
    const held = heldAfter({ backends: backends(2) }, { backends: backends(2, { b2: { adminState: 'draining' } }) })
    expect(printFarm(held, rulesOf(held))).toMatch(/\t\t# 20\d\d slots are in handover\n/)
  })

  it('show what is missing in the kernel and what is not the engine’s own', () => {
    const held = heldAfter({})
    const rules = rulesOf(held)
    const [first, ...others] = rules.get('f_web') ?? []
    rules.set('f_web', [...others, 'by hand', null])
    rules.delete('f_web-errors')
    const text = printFarm(held, rules)
    expect(text).toContain(`\t\t# a rule that is not the engine's own ("by hand")`)
    expect(text).toContain(`\t\t# a rule that is not the engine's own\n`)
    const missing = text.split('\n').filter((line) => line.includes('# missing: '))
    expect(missing.map((line) => digestOf(line.replace('\t\t# missing: ', '')))).toEqual([first, ...(chainsOf(held).get('f_web-errors') ?? []).map(digestOf)])
  })

  it('are nothing for a farm that is not there', () => {
    expect(printFarm(null, new Map())).toBe('')
  })
})
