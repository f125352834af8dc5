import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { rolesOf } from '#lib/domain/active.ts'
import { nftlbFarmName, renderFarm } from '#lib/render/nftlb.ts'
import { farm } from '../domain/farms.ts'

const folder = join(import.meta.dirname, 'golden')

type Case = { farm: Parameters<typeof farm>[0]; interface: { name: string; mac: string } | null; macs: Record<string, string>; unusable?: string[] }

describe('a farm as nftlb-compatible JSON', () => {
  it.each(readdirSync(folder).sort())('%s', async (name) => {
    const input = JSON.parse(readFileSync(join(folder, name, 'input.json'), 'utf8')) as Case
    const wanted = farm(input.farm)
    const roles = rolesOf(wanted, (backend) => !input.unusable?.includes(backend.name))
    const rendered = renderFarm(wanted, { interface: input.interface, roles, macs: new Map(Object.entries(input.macs)) })
    await expect(`${JSON.stringify(rendered, null, 2)}\n`).toMatchFileSnapshot(join(folder, name, 'expected.json'))
  })

  it('has nothing but strings, with the name first and backends and state last, as nftlb needs it', () => {
    const rendered = renderFarm(farm({ additionalVips: ['203.0.113.8'] }), { interface: { name: 'eth0', mac: '52:54:00:00:00:01' }, roles: new Map(), macs: new Map() })
    expect(Object.keys(rendered)[0]).toBe('name')
    expect(Object.keys(rendered).slice(-2)).toEqual(['backends', 'state'])
    for (const [key, value] of Object.entries(rendered)) if (key !== 'backends' && key !== 'addresses') expect(typeof value).toBe('string')
    for (const inner of [...rendered.backends, ...(rendered.addresses ?? [])]) {
      expect(Object.keys(inner)[0]).toBe('name')
      expect(Object.values(inner).every((value) => typeof value === 'string')).toBe(true)
    }
  })

  it('has a seed that only the name decides and that is never zero', () => {
    const seedOf = (changes: Parameters<typeof farm>[0]): string | undefined => renderFarm(farm(changes), { interface: null, roles: new Map(), macs: new Map() }).seed
    expect(seedOf({ vip: '203.0.113.8', ports: ['443'], backends: [] })).toBe(seedOf({}))
    expect(seedOf({ name: 'web2' })).not.toBe(seedOf({}))
    for (let i = 0; i < 100; i++) expect(seedOf({ name: `web${i}`, backends: [] })).toMatch(/^0x(?!0{8})[0-9a-f]{8}$/)
  })

  it('gives different farms different names that nftlb cannot confuse with its own', () => {
    const names = ['web', 'web-back', 'web-1', 'web1', 'ip', 'ingress-eth0'].map(nftlbFarmName)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^f_[a-z0-9_]+$/)
  })
})
