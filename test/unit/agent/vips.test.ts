import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openLog } from '#agent/log.ts'
import { openVips } from '#agent/vips.ts'

/** No machine has an interface with a space in its name, so the kernel refuses every address there. */
const vip = { address: '203.0.113.7', interface: 'no such' }

let folder = ''
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'vips-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('a VIP', () => {
  it('that the kernel refuses is reported with the reason and holds up no other', async () => {
    const vips = await openVips(folder, openLog('silent'), () => undefined)
    const other = { address: '203.0.113.8', interface: 'nor this' }
    expect(await vips.add([vip, other], [])).toEqual([])
    expect(vips.refused().map(({ address, interface: iface, reason }) => [address, iface, reason.length > 0])).toEqual([
      ['203.0.113.7', 'no such', true],
      ['203.0.113.8', 'nor this', true],
    ])
  })

  it('that the kernel refuses is forgotten when no farm wants it any more', async () => {
    const vips = await openVips(folder, openLog('silent'), () => undefined)
    await vips.add([vip], [])
    await vips.removeOthers([])
    expect(vips.refused()).toEqual([])
    expect(JSON.parse(readFileSync(join(folder, 'vips.json'), 'utf8'))).toEqual([])
  })

  it('leaves its former interface when it moves, while others wait until their rules are gone', async () => {
    const vips = await openVips(folder, openLog('silent'), () => undefined)
    const moved = { ...vip, interface: 'nor this' }
    const deleted = { ...vip, address: '203.0.113.9' }
    await vips.add([vip, moved, deleted], [])
    await vips.removeMoved([moved])
    expect(JSON.parse(readFileSync(join(folder, 'vips.json'), 'utf8'))).toEqual([moved, deleted])
  })

  it('that is known already is tried again even when nothing can be written', async () => {
    const vips = await openVips(folder, openLog('silent'), () => undefined)
    await vips.add([vip], [])
    rmSync(folder, { recursive: true })
    expect(await vips.add([vip], [])).toEqual([])
  })
})
