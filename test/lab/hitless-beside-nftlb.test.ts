import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Backend } from '#lib/domain/farm.ts'
import { backendsOf, openSite, type Site } from './fixture.ts'
import { brokenSince, hold } from './hitless.ts'

const names = Array.from({ length: 10 }, (_, index) => `web${index + 1}`)
const native = { name: 'native', vip: '203.0.113.100', scheduler: 'maglev' as const }
const symhash = { name: 'symhash', vip: '203.0.113.101', scheduler: 'symhash' as const }
const hash = { name: 'hash', vip: '203.0.113.102', scheduler: 'hash' as const }
const farms = [native, symhash, hash]
const connections = 300

let site: Site

beforeAll(async () => {
  site = await openSite({ backends: names, ports: [80] })
  for (const farm of farms) {
    await site.appliance.api.putFarm({ ...farm, ports: ['80'], backends: backendsOf(names) })
    await site.prepare(farm.name)
  }
  await site.appliance.api.applied()
  for (const { vip } of farms) await site.answers(`http://${vip}/`)
})
afterAll(() => site?.remove())

type Change = { what: string; own: string[]; make: (backends: Backend[]) => Array<Partial<Backend> & { name: string; address: string }> }

const edit = (name: string, part: Partial<Backend>) => (backends: Backend[]) => backends.map((one) => (one.name === name ? { ...one, ...part } : one))
const changes: Change[] = [
  { what: 'drained', own: ['web3'], make: edit('web3', { adminState: 'draining' }) },
  { what: 'enabled again', own: [], make: edit('web3', { adminState: 'enabled' }) },
  { what: 'disabled', own: ['web5'], make: edit('web5', { adminState: 'disabled' }) },
  { what: 'enabled again', own: [], make: edit('web5', { adminState: 'enabled' }) },
  { what: 'weight 1 to 2', own: [], make: edit('web7', { weight: 2 }) },
  { what: 'removed', own: ['web9'], make: (backends) => backends.filter(({ name }) => name !== 'web9') },
  { what: 'added', own: [], make: (backends) => [...backends, ...backendsOf(names).filter(({ name }) => name === 'web9')] },
]

/** Broken connections of the other backends in percent, for each change of one farm. */
async function measure({ name, vip }: { name: string; vip: string }): Promise<number[]> {
  const broken: number[] = []
  for (const { own, make } of changes) {
    const open = await hold(site, name, `http://${vip}/`, connections)
    const { body } = await site.appliance.api.call('GET', `/farms/${name}`)
    await site.appliance.api.patchFarm(name, { backends: make((body as { backends: Backend[] }).backends) })
    const { others, of, own: theirs } = await brokenSince(site, name, open, own)
    broken.push(Math.round((others / (of - theirs)) * 100))
    await site.client.release(name)
  }
  return broken
}

test('the native engine breaks no connection of the other backends, where the same changes with nftlb break a quarter to nearly all', async () => {
  const [ours, bySymhash, byHash] = [await measure(native), await measure(symhash), await measure(hash)]
  const column = (values: readonly number[], index: number): string => `${String(values[index]).padStart(3)} %`
  const lines = changes.map(({ what }, index) => `${what.padEnd(16)} native ${column(ours, index)}   nftlb symhash ${column(bySymhash, index)}   nftlb hash ${column(byHash, index)}`)
  console.log(`Broken connections of the other backends, of ${connections} over ${names.length}:\n${lines.join('\n')}`)
  expect(ours).toEqual(changes.map(() => 0))
  expect(Math.min(...bySymhash, ...byHash)).toBeGreaterThan(0)
})
