import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startEnabledUnits } from './prep-boot.ts'
import { createPrepMachine, type PrepMachine } from './prep-machine.ts'
import { openPoller, type Heard, type Poller } from './prep-poller.ts'
import { linuxScript } from './prep-script.ts'

type Family = { family: string; own: string; vips: string[]; key: string; wrongly: string[]; speakers: string[] }

/** `wrongly`: steps by which the VIP leaks; `speakers`: in whose name the machine may ask for others. */
const families: Family[] = [
  { family: 'IPv4', own: '10.9.0.21', vips: ['10.9.0.100', '10.9.0.101'], key: '10-9-0-21', speakers: ['10.9.0.21'], wrongly: ['ip addr add 10.9.0.100/32 dev lo', 'ip addr del 10.9.0.100/32 dev lo'] },
  { family: 'IPv6', own: 'fd09::21', vips: ['fd09::100', 'fd09::101'], key: 'fd09--21', speakers: ['fd09::21', 'fe80::21'], wrongly: ['ip addr add fd09::100/64 dev eth0 nodad', 'ip addr del fd09::100/64 dev eth0'] },
]

describe.each(families)('$family', ({ own, vips, key, wrongly, speakers }) => {
  const text = linuxScript({ vips })
  let machine: PrepMachine
  let poller: Poller
  beforeAll(async () => {
    machine = await createPrepMachine()
    poller = await openPoller(machine, own, vips)
  })
  afterAll(async () => {
    poller?.close()
    await machine?.remove()
  })

  /** Nothing was said of a VIP, while questions were put and the machine's own address was answered. */
  function expectSilence(heard: Heard): void {
    expect(heard.leaks).toEqual([])
    expect(heard.answers).toBeGreaterThan(0)
    expect(heard.asked.filter((sender) => !speakers.includes(sender))).toEqual([])
  }

  async function succeed(run: ReturnType<PrepMachine['run']>): Promise<void> {
    const { status, errors } = await run
    expect({ status, errors }).toEqual({ status: 0, errors: '' })
  }

  test('the poller hears a leak: the VIP before the settings, or on the interface', async () => {
    const [add = '', remove = ''] = wrongly
    await machine.sh(add)
    const { leaks } = await poller.once()
    await machine.sh(remove)
    const [vip = ''] = vips
    expect(leaks).toContain(`has ${vip} from ${vip}`)
    expect(leaks.some((leak) => leak.startsWith('asks for') && leak.endsWith(`from ${vip}`))).toBe(true)
    expectSilence(await poller.once())
  })

  test('apply, apply again and undo: no answer and no announcement for a VIP, and no question in its name', async () => {
    let questions = 0
    const asked: string[] = []
    while (questions < 300) {
      const heard = await poller.during(async () => {
        for (const mode of ['--apply', '--apply', '--undo']) await succeed(machine.run(text, [mode]))
      })
      expectSilence(heard)
      questions += heard.questions
      asked.push(...heard.asked)
    }
    expect(asked.length).toBeGreaterThan(0)
  })

  describe('a boot', () => {
    const ownFiles = { ownFiles: true }
    const managers = () => join(machine.folder, 'run/systemd/system')
    afterEach(async () => {
      await succeed(machine.run(text, ['--undo'], ownFiles))
      rmSync(managers(), { recursive: true, force: true })
    })

    /** Applies, boots, and answers what was there before. */
    async function applyAndBoot(): Promise<string> {
      await succeed(machine.run(text, ['--apply'], ownFiles))
      const prepared = await machine.snapshot()
      await machine.reboot()
      expect(aside(await machine.snapshot())).not.toBe(aside(prepared))
      return prepared
    }

    test('with systemd: the unit prepares the machine before its first interface is up', async () => {
      mkdirSync(managers(), { recursive: true })
      const prepared = await applyAndBoot()
      await startEnabledUnits(machine)
      expect(aside(await machine.snapshot())).toBe(aside(prepared))
      expectSilence(await poller.during(machine.connect))
      expect(await machine.snapshot()).toBe(prepared)
    })

    test('brings back a VIP that somebody had put on lo by hand, and undo takes it away', async () => {
      mkdirSync(managers(), { recursive: true })
      await machine.ip('addr', 'add', `${vips[0]}/${own.includes(':') ? 128 : 32}`, 'dev', 'lo')
      await applyAndBoot()
      await startEnabledUnits(machine)
      await machine.connect()
      expectSilence(await poller.during(() => succeed(machine.run(text, ['--undo'], ownFiles))))
      const addresses = await machine.ip('-o', 'addr', 'show', 'dev', 'lo')
      for (const vip of vips) expect(addresses).not.toContain(` ${vip}/`)
    })

    test('with OpenRC: the hook runs when the interfaces are up already, and nothing leaks either', async () => {
      const prepared = await applyAndBoot()
      expectSilence(await poller.during(machine.connect))
      expectSilence(await poller.during(() => succeed(machine.run(null, [`/etc/local.d/tangent-backend-${key}.start`], ownFiles))))
      expect(await machine.snapshot()).toBe(prepared)
    })
  })
})

/** A snapshot without the card. */
function aside(snapshot: string): string {
  return snapshot.split('\n').filter((line) => !line.includes('eth0')).join('\n')
}
