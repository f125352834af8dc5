import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore } from '#agent/store.ts'
import { farm } from '../domain/farms.ts'

let folder = ''
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'store-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the last good document', () => {
  it('says that nothing is known before the first document came', async () => {
    expect((await openStore(folder)).known()).toBe(false)
  })

  it('is there again after the process is gone, changes included', async () => {
    const store = await openStore(folder)
    await store.replace({ generation: 4, farms: [farm()] })
    await store.change({ base: 4, generation: 5, put: [farm({ name: 'dns' })], remove: ['web'] })
    const again = await openStore(folder)
    expect(again.known()).toBe(true)
    expect(again.wanted.generation).toBe(5)
    expect([...again.wanted.farms.keys()]).toEqual(['dns'])
  })

  it('refuses a change on another base and keeps what it has', async () => {
    const store = await openStore(folder)
    await store.replace({ generation: 4, farms: [farm()] })
    expect(await store.change({ base: 3, generation: 5, put: [], remove: ['web'] })).toBeNull()
    expect(store.wanted.farms.has('web')).toBe(true)
  })

  it('accepts one of two changes that come at the same time on the same base', async () => {
    const store = await openStore(folder)
    await store.replace({ generation: 4, farms: [farm()] })
    const answers = await Promise.all([
      store.change({ base: 4, generation: 5, put: [farm({ name: 'dns' })], remove: [] }),
      store.change({ base: 4, generation: 5, put: [farm({ name: 'mail' })], remove: [] }),
    ])
    expect(answers.map((names) => names && [...names])).toEqual([['dns'], null])
    expect([...(await openStore(folder)).wanted.farms.keys()]).toEqual([...store.wanted.farms.keys()])
  })

  it('keeps accepting changes when the log cannot be folded into a new document', async () => {
    const store = await openStore(folder)
    await store.replace({ generation: 0, farms: [] })
    mkdirSync(join(folder, 'last-good.json.new'))
    for (let base = 0; base < 500; base++) expect(await store.change({ base, generation: base + 1, put: [], remove: ['none'] })).toEqual(new Set(['none']))
    rmSync(join(folder, 'last-good.json.new'), { recursive: true })
    expect((await openStore(folder)).wanted.generation).toBe(500)
  })

  it('drops a last line that a crash tore in two', async () => {
    const store = await openStore(folder)
    await store.replace({ generation: 4, farms: [farm()] })
    await store.change({ base: 4, generation: 5, put: [farm({ name: 'dns' })], remove: [] })
    appendFileSync(join(folder, 'last-good.log'), '{"base":5,"generation":6,"put":[{"na')
    expect((await openStore(folder)).wanted.generation).toBe(5)
  })

  it('keeps an unreadable file aside and says that nothing is known', async () => {
    writeFileSync(join(folder, 'last-good.json'), '{"generation": 4, "farms": [')
    expect((await openStore(folder)).known()).toBe(false)
    expect(readFileSync(join(folder, 'last-good.json.unreadable'), 'utf8')).toContain('"generation": 4')
  })

  it('answers the farms that a whole document changes', async () => {
    const store = await openStore(folder)
    await store.replace({ generation: 1, farms: [farm(), farm({ name: 'dns', protocol: 'udp' }), farm({ name: 'old', ports: ['81'] })] })
    const names = await store.replace({ generation: 2, farms: [farm(), farm({ name: 'dns', protocol: 'udp', persistenceTtl: 5 }), farm({ name: 'new', ports: ['82'] })] })
    expect([...names].sort()).toEqual(['dns', 'new', 'old'])
  })

  it('writes little for a change, however large the document is', async () => {
    const store = await openStore(folder)
    await store.replace({ generation: 1, farms: Array.from({ length: 300 }, (_, i) => farm({ name: `f${i}`, ports: [String(i + 1)] })) })
    const snapshot = statSync(join(folder, 'last-good.json'))
    await store.change({ base: 1, generation: 2, put: [farm({ name: 'f7', ports: ['9000'] })], remove: [] })
    expect(statSync(join(folder, 'last-good.json')).mtimeMs).toBe(snapshot.mtimeMs)
    expect(statSync(join(folder, 'last-good.log')).size).toBeLessThan(snapshot.size / 50)
  })
})
