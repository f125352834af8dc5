import { describe, expect, it } from 'vitest'
import { stillWanted, type Sessions } from '#agent/engine/nftlb/sessions.ts'
import { backends, json } from './json.ts'

const macs = ['52:54:00:00:00:21', '52:54:00:00:00:22']

function table(map: string, farm: string, targets: readonly string[] = macs): Sessions {
  return { family: 'netdev', map, farm, elements: targets.map((to, i) => ({ key: `198.51.100.${i}`, to, expires: 30, text: `198.51.100.${i} : ${to}` })) }
}

function targets(sessions: readonly Sessions[]): string[][] {
  return sessions.map((one) => one.elements.map(({ to }) => to))
}

describe('persistence entries that come back after a rebuild', () => {
  const sticky = { persistence: ['srcip' as const] }

  it('are all of them while their backends serve or rest', () => {
    const farm = json({ ...sticky, backends: backends(2, { b2: { adminState: 'draining' } }) })
    expect(targets(stillWanted([table('persist-f_web', 'f_web')], [farm]))).toEqual([macs])
  })

  it('are not those of a disabled backend, whose clients would stay on it for ever', () => {
    const farm = json({ ...sticky, backends: backends(2, { b1: { adminState: 'disabled' } }) })
    expect(targets(stillWanted([table('persist-f_web', 'f_web')], [farm]))).toEqual([[macs[1]]])
  })

  it('are not those that lead to an address or card which a backend no longer has', () => {
    const farm = json({ ...sticky, backends: backends(2, { b2: { address: '203.0.113.99' } }) })
    expect(targets(stillWanted([table('persist-f_web', 'f_web')], [farm]))).toEqual([[macs[0]]])
  })

  it('belong to exactly one farm: web is not web2', () => {
    expect(stillWanted([table('persist-f_web2', 'f_web2')], [json(sticky)])).toEqual([])
  })

  it('keep the way back to clients, which names no backend', () => {
    const client = '02:00:00:00:00:77'
    expect(targets(stillWanted([table('map-f_web-back', 'f_web', [client])], [json({ mode: 'stateless-dnat' })]))).toEqual([[client]])
  })
})
