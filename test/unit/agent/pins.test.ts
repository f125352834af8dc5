import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseNeighbour } from '#agent/neighbours.ts'
import { openPins, pinSteps, spotKey, type Pin } from '#agent/pins.ts'

const pin: Pin = { address: '203.0.113.21', interface: 'eth0', mac: '52:54:00:00:00:11' }
const spot = { address: pin.address, interface: pin.interface }
const other = { address: '203.0.113.22', interface: 'eth0' }
const held = (mac: string): Map<string, string> => new Map([[spotKey(pin), mac]])

describe('the steps that hold MAC addresses', () => {
  it('note a new pin and set it', () => {
    expect(pinSteps([pin], new Map(), [])).toEqual({ note: [pin], set: [pin], release: [] })
  })

  it('are none when the kernel holds it', () => {
    expect(pinSteps([pin], held(pin.mac), [spot])).toEqual({ note: [], set: [], release: [] })
  })

  it('set a pin again that the kernel lost or has with another MAC', () => {
    expect(pinSteps([pin], new Map(), [spot]).set).toEqual([pin])
    expect(pinSteps([pin], held('52:54:00:00:00:99'), [spot]).set).toEqual([pin])
  })

  it('release what was noted and is not wanted any more, and nothing that others hold', () => {
    expect(pinSteps([pin], new Map([...held(pin.mac), [spotKey({ ...other, address: '203.0.113.23' }), pin.mac]]), [spot, other])).toEqual({ note: [], set: [], release: [other] })
  })

  it('move a pin to another interface', () => {
    const moved = { ...pin, interface: 'eth1' }
    expect(pinSteps([moved], held(pin.mac), [spot])).toEqual({ note: [moved], set: [moved], release: [spot] })
  })
})

describe('pins', () => {
  let folder = ''
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'pins-'))))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const noted = (): unknown => JSON.parse(readFileSync(join(folder, 'pins.json'), 'utf8'))
  /** No machine has an interface with this name, so the kernel's table stays as it is. */
  const nowhere = { ...pin, interface: 'nosuch0' }

  it('are noted before the kernel has them, and forgotten when they are released', async () => {
    const pins = await openPins(folder)
    expect(await pins.hold([nowhere], new Map())).toEqual([])
    expect(noted()).toEqual([{ address: pin.address, interface: 'nosuch0' }])
    expect(await pins.hold([], new Map())).toEqual([{ address: pin.address, interface: 'nosuch0' }])
    expect(noted()).toEqual([])
  })

  it('of an agent that died are released by the next one', async () => {
    await (await openPins(folder)).hold([nowhere], new Map())
    expect(await (await openPins(folder)).hold([], new Map())).toEqual([{ address: pin.address, interface: 'nosuch0' }])
  })

  it('are served in the order of the calls, and one that fails holds up none', async () => {
    const pins = await openPins(folder)
    rmSync(folder, { recursive: true })
    const failing = pins.hold([nowhere], new Map())
    await expect(failing).rejects.toThrow('ENOENT')
    expect(await pins.hold([], new Map())).toEqual([])
  })

  it('survive notes that cannot be read', async () => {
    writeFileSync(join(folder, 'pins.json'), 'nonsense')
    expect(await (await openPins(folder)).hold([], new Map())).toEqual([])
  })
})

describe('an entry of the kernel', () => {
  it.each([
    ['203.0.113.21 dev eth0 lladdr 52:54:00:00:00:11 PERMANENT ', true],
    ['203.0.113.21 dev eth0 lladdr 52:54:00:00:00:11 REACHABLE ', false],
    ['Deleted 203.0.113.21 dev eth0 lladdr 52:54:00:00:00:11 PERMANENT ', false],
  ])('%j is held: %s', (line, permanent) => {
    expect(parseNeighbour(line)).toMatchObject({ permanent })
  })
})
