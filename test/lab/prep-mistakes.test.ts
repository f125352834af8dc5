import { describe, expect, test } from 'vitest'
import { command } from './command.ts'
import { attach } from './nic.ts'
import { check, report } from './prep-check.ts'
import { startListener } from './prep-listener.ts'
import { onPrepMachine, type PrepMachine } from './prep-machine.ts'
import { mistakes } from './prep-mistakes.ts'
import { openPoller } from './prep-poller.ts'
import { expectHealthy, onPrepared, scripts, sites, type Family, type Prepared } from './prep-prepared.ts'
import { reach } from './prep-reach.ts'
import { linuxScript } from './prep-script.ts'
import { until } from './until.ts'

/** Lends a machine that is right, and that must be right again. */
function onRight(family: Family, work: (prepared: Prepared) => Promise<void>): Promise<void> {
  return onPrepared(family, async (prepared) => {
    await work(prepared)
    await expectHealthy(prepared.machine, family)
  })
}

/** Runs the commands that a sentence of the script gives: "Remove it: ip addr del … - and …". */
async function obey(machine: PrepMachine, sentences: string, router: string): Promise<void> {
  const commands = [...sentences.matchAll(/: ((?:ip|echo) .+?)(?: - |$)/gm)].map(([, printed = '']) => printed.replace('ROUTER', router))
  expect(commands).not.toEqual([])
  for (const printed of commands) await machine.sh(printed)
}

/** The fixes of the first items that are wrong. */
function fixesIn(text: string, count: number): string {
  return text.split('\n').filter((line) => line.startsWith('      fix: ')).slice(0, count).join('\n')
}

describe.concurrent('the check finds one mistake and nothing else', () => {
  test.each(mistakes)('$what ($family), mended $mended', ({ family, steps, end = [], wrong, far, near = far, leaks, returns = false, mended }) =>
    onRight(family, async ({ machine, poller, returned }) => {
      const { vip, router } = sites[family]
      const text = scripts[family]
      await machine.sh(steps.join('\n'))
      const found = await check(machine, text)
      expect(found).toMatchObject({ status: 1, wrong })
      const isSentBack = async (): Promise<boolean> => {
        const before = await returned()
        expect(await reach(machine, vip)).toBe(far)
        return (await returned()) > before
      }
      // A packet of what was before the mistake may come late, once.
      expect((await isSentBack()) && (returns || (await isSentBack()))).toBe(returns)
      expect(await reach(machine, vip, { near: true })).toBe(near)
      if (leaks) expect((await poller.once()).leaks).not.toEqual([])

      await machine.sh(end.join('\n'))
      if (mended === 'by what the check prints') {
        const fixes = fixesIn(found.text, wrong.length)
        await obey(machine, fixes, router)
        if (!fixes.includes('--apply')) return
      } else if (mended === 'by what --apply prints') {
        const before = await machine.snapshot()
        const refused = await machine.run(text, ['--apply'])
        expect(refused).toMatchObject({ status: 3, output: '' })
        expect(await machine.snapshot()).toBe(before)
        await obey(machine, refused.errors, router)
      }
      expect(await machine.run(text, ['--apply'])).toMatchObject({ status: 0, errors: '' })
    }),
  )

  test.each(['IPv4', 'IPv6'] as const)('D: no application listens (%s), mended by starting it', (family) =>
    onRight(family, async (prepared) => {
      const { vip } = sites[family]
      await prepared.stopListener()
      expect((await report(prepared.machine, scripts[family])).wrong).toEqual([`fail listener ${vip}/tcp/80`])
      expect(await reach(prepared.machine, vip)).toBe('refused')
      prepared.stopListener = await startListener(prepared.machine.namespace, vip, 80)
    }),
  )

  test.each(['IPv4', 'IPv6'] as const)('J: the application listens on the own address alone (%s), mended by letting it listen on every address', (family) =>
    onRight(family, async (prepared) => {
      const { own, vip } = sites[family]
      await prepared.stopListener()
      const stop = await startListener(prepared.machine.namespace, own, 80)
      expect((await report(prepared.machine, scripts[family])).wrong).toEqual([`fail listener-elsewhere ${vip}/tcp/80 ${own}`])
      expect(await reach(prepared.machine, vip)).toBe('refused')
      await stop()
      prepared.stopListener = await startListener(prepared.machine.namespace, '::', 80)
    }),
  )

  test('K: strict rp_filter where replies leave by another card (IPv4), mended by what the check prints', () =>
    onRight('IPv4', async ({ machine }) => {
      const { vip, router } = sites.IPv4
      await attach(machine.namespace, 'eth1', machine.nic.network, ['10.8.0.21/24'], [])
      await command(['ip', '-n', machine.neighbour.namespace, 'addr', 'add', '10.8.0.1/24', 'dev', 'eth0'])
      await machine.ip('route', 'replace', 'default', 'via', '10.8.0.1')
      await expectHealthy(machine, 'IPv4')
      await machine.sh('echo 1 >/proc/sys/net/ipv4/conf/eth0/rp_filter')
      const found = await check(machine, scripts.IPv4)
      expect(found.wrong).toEqual(['fail reverse-path eth0 1'])
      expect(await reach(machine, vip)).toBe('silence')
      await obey(machine, fixesIn(found.text, 1), router)
      await expectHealthy(machine, 'IPv4')
      await machine.ip('link', 'del', 'eth1')
      await machine.ip('route', 'add', 'default', 'via', router)
    }))

  test('the script of another backend (IPv4)', () =>
    onRight('IPv4', async ({ machine }) => {
      const { vip } = sites.IPv4
      expect(await check(machine, linuxScript({ vips: [vip], address: '10.9.0.99' }))).toMatchObject({ status: 1, wrong: ['fail address 10.9.0.99'] })
    }))

  test('no default route (IPv4) is worth knowing', () =>
    onRight('IPv4', async ({ machine }) => {
      const { vip, router } = sites.IPv4
      await machine.ip('route', 'del', 'default')
      expect(await check(machine, scripts.IPv4)).toMatchObject({ status: 0, wrong: ['warn gateway default route none'] })
      expect(await reach(machine, vip)).toBe('silence')
      expect(await reach(machine, vip, { near: true })).toBe('answers')
      await machine.ip('route', 'add', 'default', 'via', router)
    }))

  // On a machine of its own: what the kernel has put off as a proxy comes out later.
  test('the machine is a proxy for the VIP (IPv6), mended by what --apply prints', () =>
    onPrepMachine(async (machine) => {
      const { own, vip } = sites.IPv6
      await startListener(machine.namespace, '::', 80)
      const poller = await openPoller(machine, own, [vip])
      expect((await machine.run(scripts.IPv6, ['--apply'])).status).toBe(0)
      expect((await poller.once()).leaks).toEqual([])
      await machine.sh(`echo 1 >/proc/sys/net/ipv6/conf/all/forwarding; echo 1 >/proc/sys/net/ipv6/conf/eth0/proxy_ndp; ip -6 neigh add proxy ${vip} dev eth0`)
      expect((await check(machine, scripts.IPv6)).wrong).toEqual([`fail vip-proxied ${vip} dev eth0`])
      expect((await poller.once()).leaks).not.toEqual([])
      const refused = await machine.run(scripts.IPv6, ['--apply'])
      expect(refused).toMatchObject({ status: 3, output: '' })
      await obey(machine, refused.errors, '')
      expect(await machine.run(scripts.IPv6, ['--apply'])).toMatchObject({ status: 0, errors: '' })
      expect((await check(machine, scripts.IPv6)).wrong).toEqual([])
      poller.close()
    }))

  test('N: the VIP is on the interface, and a duplicate there (IPv6), mended by what --apply prints', () =>
    onRight('IPv6', async ({ machine }) => {
      const { vip } = sites.IPv6
      const appliance = (verb: 'add' | 'del') => command(['ip', '-n', machine.neighbour.namespace, 'addr', verb, `${vip}/128`, 'dev', 'eth0', ...(verb === 'add' ? ['nodad'] : [])])
      await appliance('add')
      await machine.ip('addr', 'add', `${vip}/64`, 'dev', 'eth0')
      await until('the duplicate is found', async () => (await machine.ip('-6', 'addr', 'show', 'dev', 'eth0', 'dadfailed')) !== '')
      expect((await check(machine, scripts.IPv6)).wrong).toEqual([`fail vip-duplicate ${vip} 64 dev eth0`])
      const refused = await machine.run(scripts.IPv6, ['--apply'])
      expect(refused).toMatchObject({ status: 3, output: '' })
      await obey(machine, refused.errors, '')
      await appliance('del')
    }))
})
