import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FarmInput } from '#lib/domain/farm.ts'
import { movedShare, openConformance, pool, receivers, shares, type Conformance, type Flows } from './conformance-site.ts'
import { total } from './client.ts'
import { addressV4, lan } from './topology.ts'
import { until } from './until.ts'

let site: Conformance

const names = ['web1', 'web2', 'web3', 'web4']
const vip = (index: number): string => addressV4(lan, 100 + index)
const slots = 4093

beforeAll(async () => {
  site = await openConformance(names)
})
afterAll(() => site?.remove())

/** The owner of each slot for new connections, as the kernel has it. */
async function owners(farm: string): Promise<Map<number, number>> {
  const map = `f_${farm.replaceAll('-', '_')}`
  const lists = await Promise.all([map, `${map}-after`].map((name) => site.nft('-j', 'list', 'map', 'netdev', 'tangent', name).catch(() => '')))
  return new Map(lists.flatMap((text) => [...text.matchAll(/\[(\d+), (\d+)\]/g)].map((match) => [Number(match[1]), Number(match[2])] as const)))
}

/** Slots whose owner for new connections changed. */
function changed(before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>): number {
  return Array.from({ length: slots }, (_, slot) => slot).filter((slot) => before.get(slot) !== after.get(slot)).length
}

type Edit = { what: string; before?: Partial<FarmInput>; after: Record<string, unknown>; kind: string; text: string }

const four = pool(names)
const edits: Edit[] = [
  { what: 'a drained backend', after: { backends: pool(names, names, { web2: { adminState: 'draining' } }) }, kind: 'hitless', text: 'of new connections go to another backend' },
  { what: 'a disabled backend', after: { backends: pool(names, names, { web2: { adminState: 'disabled' } }) }, kind: 'remaps', text: 'the connections of web2 end' },
  { what: 'a heavier backend', after: { backends: pool(names, names, { web3: { weight: 4 } }) }, kind: 'hitless', text: 'of new connections go to another backend' },
  { what: 'a backend that is removed', after: { backends: pool(names, ['web1', 'web2', 'web3']) }, kind: 'hitless', text: 'of new connections go to another backend' },
  { what: 'a backend that is added', before: { backends: pool(names, ['web1', 'web2']) }, after: { backends: pool(names, ['web1', 'web2', 'web3']) }, kind: 'hitless', text: 'of new connections go to another backend' },
  { what: 'a drained backend of UDP', before: { protocol: 'udp' }, after: { backends: pool(names, names, { web2: { adminState: 'draining' } }) }, kind: 'remaps', text: 'of the flows move to another backend: a datagram does not tell' },
]

describe('what the dry run says of a farm of the native engine is what happens in the kernel', () => {
  test.each(edits.map((edit, index) => [edit.what, index, edit] as const))('%s: the share of its slots, to the slot, and of flows', async (_, index, { before, after, kind, text }) => {
    const [name, address] = [`edit-${index}`, vip(index)]
    const { api } = site.appliance
    await api.putFarm({ name, vip: address, ports: ['80'], backends: four, ...before } as Parameters<typeof api.putFarm>[0])
    await api.applied()
    const target = { vip: address, protocol: before?.protocol === 'udp' ? ('udp' as const) : ('tcp' as const), clients: 2000 }
    const [slotsBefore, flowsBefore] = [await owners(name), await site.flows(target)]
    const [step, ...others] = await site.steps('PATCH', `/farms/${name}`, after)
    expect(others).toEqual([])
    expect(step).toMatchObject({ action: 'change', farm: name, impact: { kind } })
    expect(step?.impact.text).toContain(text)
    expect(await owners(name)).toEqual(slotsBefore)

    await api.patchFarm(name, after)
    await api.applied()
    const moved = changed(slotsBefore, await owners(name))
    expect(moved).toBeGreaterThan(0)
    const percent = Number(/^([\d.]+) %/.exec(step?.impact.text ?? '')?.[1])
    expect(Math.abs(percent - (moved / slots) * 100)).toBeLessThanOrEqual(0.5)
    if (kind === 'remaps') expect(Math.round((step?.impact.share ?? 0) * slots)).toBe(moved)
    expect(Math.abs(moved / slots - movedShare(flowsBefore, await site.flows(target)))).toBeLessThan(0.05)
  })

  test('another hash input: as many flows move as chance has it', async () => {
    const { api } = site.appliance
    await api.putFarm({ name: 'rehashed', vip: vip(10), ports: ['80'], backends: four })
    await api.applied()
    const before = await site.flows({ vip: vip(10), clients: 2000 })
    const [step] = await site.steps('PATCH', '/farms/rehashed', { hashInput: ['srcip', 'srcport', 'dstport'] })
    await api.patchFarm('rehashed', { hashInput: ['srcip', 'srcport', 'dstport'] })
    await api.applied()
    expect(step?.impact.kind).toBe('remaps')
    expect(Math.abs((step?.impact.share ?? 0) - movedShare(before, await site.flows({ vip: vip(10), clients: 2000 })))).toBeLessThan(0.05)
  })

  test('the large table: every slot has an owner, and as many flows move as chance has it', async () => {
    const { api } = site.appliance
    await api.putFarm({ name: 'resized', vip: vip(11), ports: ['80'], backends: four })
    await api.setAdminState('resized', 'web1', 'draining')
    await api.applied()
    const before = await site.flows({ vip: vip(11), clients: 2000 })
    const [step] = await site.steps('PATCH', '/farms/resized', { slots: 65537 })
    await api.patchFarm('resized', { slots: 65537 })
    await api.applied()
    expect((await owners('resized')).size).toBe(65537)
    expect(Math.abs((step?.impact.share ?? 0) - movedShare(before, await site.flows({ vip: vip(11), clients: 2000 })))).toBeLessThan(0.05)
    expect((await api.farmStatus('resized')).handover).toBeNull()
  })

  test('the last backend disabled interrupts the farm, and a port taken away interrupts it there', async () => {
    const { api } = site.appliance
    await api.putFarm({ name: 'ended', vip: vip(12), ports: ['80', '81'], backends: pool(names, ['web1']) })
    await api.applied()
    expect(await site.steps('PATCH', '/farms/ended', { ports: ['81'] })).toMatchObject([{ action: 'change', impact: { kind: 'interrupts' } }])
    expect(await site.steps('PUT', '/farms/ended/backends/web1/admin-state', { adminState: 'disabled' })).toMatchObject([{ action: 'change', impact: { kind: 'interrupts' } }])
    expect((await site.flows({ vip: vip(12) })).size).toBe(400)
    await api.setAdminState('ended', 'web1', 'disabled')
    expect((await site.flows({ vip: vip(12) })).size).toBe(0)
  })
})

describe('what the dry run says of a farm of nftlb', () => {
  test.each([
    ['the last of four is drained', { backends: pool(names, names, { web4: { adminState: 'draining' } }) }],
    ['the first of four is disabled', { backends: pool(names, names, { web1: { adminState: 'disabled' } }) }],
    ['a weight changes', { backends: pool(names, names, { web2: { weight: 3 } }) }],
  ] as const)('%s: as many flows move as it says', async (what, after) => {
    const name = what.replaceAll(' ', '-')
    const address = vip(20 + what.length)
    const { api } = site.appliance
    await api.putFarm({ name, scheduler: 'symhash', vip: address, ports: ['80'], backends: four })
    await api.applied()
    const before = await site.flows({ vip: address, clients: 2000 })
    const [step] = await site.steps('PATCH', `/farms/${name}`, after)
    await api.patchFarm(name, after)
    await api.applied()
    expect(Math.abs((step?.impact.share ?? 0) - movedShare(before, await site.flows({ vip: address, clients: 2000 })))).toBeLessThan(0.05)
  })
})

describe('a farm that moves from one engine to the other', () => {
  test.each([
    ['nftlb', 'symhash'],
    ['native', 'maglev'],
  ] as const)('to %s: the plan has one move with the share of flows that meet another backend', async (engine, scheduler) => {
    const { api } = site.appliance
    const [name, address] = [`to-${engine}`, vip(engine === 'native' ? 60 : 61)]
    await api.putFarm({ name, scheduler: scheduler === 'maglev' ? 'symhash' : 'maglev', vip: address, ports: ['80'], backends: four })
    await api.applied()
    const before = await site.flows({ vip: address, clients: 2000 })
    const steps = await site.steps('PATCH', `/farms/${name}`, { scheduler })
    const moves = steps.filter(({ impact }) => impact.kind !== 'hitless')
    expect(moves).toMatchObject([{ action: 'move', farm: name, text: `Move farm ${name} to the ${engine} engine.`, impact: { kind: 'remaps' } }])
    await api.patchFarm(name, { scheduler })
    await api.applied()
    expect((await api.farmStatus(name)).engine).toBe(engine)
    const after: Flows = await site.flows({ vip: address, clients: 2000 })
    expect(receivers(after)).toEqual(names)
    expect(Math.abs((moves[0]?.impact.share ?? 0) - movedShare(before, after))).toBeLessThan(0.05)
    const left = await site.nft('list', 'table', 'netdev', engine === 'native' ? 'nftlb' : 'tangent')
    expect(left).not.toContain(`f_to_${engine}`)
  })

  test('goes there and back while clients come, and none is left without an answer', async () => {
    const { api } = site.appliance
    await api.putFarm({ name: 'wanderer', vip: vip(62), ports: ['80'], backends: pool(names, ['web1']) })
    await site.prepare('wanderer', ['web1'])
    await api.applied()
    await site.answers(`http://${vip(62)}/`)
    expect((await site.steps('PATCH', '/farms/wanderer', { scheduler: 'symhash' })).map(({ impact }) => impact.kind)).toEqual(['hitless', 'hitless'])
    await site.client.flow({ name: 'clients', url: `http://${vip(62)}/`, perSecond: 200 })
    let answered = 0
    const failures: string[] = []
    const more = (): Promise<unknown> => {
      const start = answered
      return until('more clients are answered', async () => {
        const report = await site.client.report('clients')
        answered += total(report)
        failures.push(...report.failures)
        return answered > start + 20
      })
    }
    for (let turn = 0; turn < 4; turn++) {
      await api.patchFarm('wanderer', { scheduler: turn % 2 === 0 ? 'symhash' : 'maglev' })
      expect((await api.farmStatus('wanderer')).engine).toBe(turn % 2 === 0 ? 'nftlb' : 'native')
      await more()
    }
    failures.push(...(await site.client.stop('clients')).failures)
    expect(failures).toEqual([])
    expect(shares(await site.flows({ vip: vip(62) }))).toEqual({ web1: 400 })
  })
})
