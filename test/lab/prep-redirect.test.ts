import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { reportSchema } from '#lib/prep/report.ts'
import { addTool } from './prep-folder.ts'
import { startListener } from './prep-listener.ts'
import { createPrepMachine, type PrepMachine } from './prep-machine.ts'
import { openPoller, type Heard } from './prep-poller.ts'
import type { Shell, Tools } from './prep-run.ts'
import { linuxScript, scriptFor, type Wanted } from './prep-script.ts'

const redirectScript = (wanted: Wanted): string => scriptFor('linux-redirect', wanted).text
const families = {
  IPv4: { own: '10.9.0.21', vips: ['10.9.0.100', '10.9.0.101'], speakers: ['10.9.0.21'], name: 'tangent-redirect-10-9-0-21' },
  IPv6: { own: 'fd09::21', vips: ['fd09::100', 'fd09::101'], speakers: ['fd09::21', 'fe80::21'], name: 'tangent-redirect-fd09--21' },
}
const four = redirectScript(families.IPv4)

let machine: PrepMachine
beforeEach(async () => {
  machine = await createPrepMachine()
  addTool(machine.folder, '/usr/sbin/nft')
})
afterEach(() => machine.remove())

describe.each<[Shell, Tools]>([['dash', 'iproute2'], ['busybox', 'busybox']])('run by %s with the tools of %s', (shell, tools) => {
  test.each(['IPv4', 'IPv6'] as const)('%s: apply, apply again, check, undo, undo again', async (family) => {
    const { own, vips } = families[family]
    const text = redirectScript({ vips })
    const run = (...args: string[]) => machine.run(text, args, { shell, tools, piped: true })
    await startListener(machine.namespace, own, 80)
    const before = await machine.snapshot()
    expect(await run('--check')).toMatchObject({ status: 1, errors: '' })

    expect(await run('--apply')).toMatchObject({ status: 0, errors: '' })
    const applied = await machine.snapshot()
    expect(applied.replace(/^table[^]*/m, '')).toBe(before)
    const second = await run('--apply')
    expect(second).toMatchObject({ status: 0, errors: '' })
    expect(second.output).not.toMatch(/^(done|saved):/m)
    expect(await machine.snapshot()).toBe(applied)

    const check = await run('--check')
    expect(check).toMatchObject({ status: 0, errors: '' })
    for (const vip of vips) expect(check.output).toContain(`ok    ${vip}/tcp/80 is redirected to ${own}`)
    expect((await run('--status')).output).toContain('applied: yes')
    const { system, backend, items } = reportSchema.parse(JSON.parse((await run('--check', '--json')).output))
    expect({ system, backend }).toEqual({ system: 'linux-redirect', backend: own })
    expect(items.filter(({ verdict }) => verdict === 'fail')).toEqual([])
    expect(JSON.parse((await run('--status', '--json')).output)).toMatchObject({ redirected: vips.map((vip) => `${vip}/tcp/80`), applied: true, boots: false })

    expect(await run('--undo')).toMatchObject({ status: 0, errors: '' })
    expect(await machine.snapshot()).toBe(before)
    expect(await run('--undo')).toMatchObject({ status: 0, errors: '', output: expect.stringContaining('kept: nothing of this script') })
    expect(await machine.snapshot()).toBe(before)
  })
})

describe('apply', () => {
  const rules = async (): Promise<string[]> => (await machine.sh('nft list ruleset')).split('\n').flatMap((line) => (line.includes(' daddr ') ? [line.trim()] : []))

  test('makes one rule for each port, range and protocol', async () => {
    await machine.run(redirectScript({ vips: ['10.9.0.100'], protocol: 'udp', ports: ['53', '5000-5010'] }), ['--apply'])
    expect(await rules()).toEqual(['ip daddr 10.9.0.100 udp dport 53 dnat to 10.9.0.21', 'ip daddr 10.9.0.100 udp dport 5000-5010 dnat to 10.9.0.21'])
    await machine.run(redirectScript({ vips: ['10.9.0.100'], protocol: 'all', ports: [] }), ['--apply'])
    expect(await rules()).toEqual(['tcp', 'udp', 'sctp'].map((protocol) => `ip daddr 10.9.0.100 meta l4proto ${protocol} dnat to 10.9.0.21`))
  })

  test('takes away the rules of a farm that is no more, and says so', async () => {
    await machine.run(four, ['--apply'])
    const { output } = await machine.run(redirectScript({ vips: ['10.9.0.101'] }), ['--apply'])
    expect(output).toContain('done: removed, because no farm of this backend uses it any more: ip daddr 10.9.0.100 tcp dport 80 dnat to 10.9.0.21')
    expect(await rules()).toEqual(['ip daddr 10.9.0.101 tcp dport 80 dnat to 10.9.0.21'])
  })

  test('touches no other table, and scripts for two addresses of a machine not each other', async () => {
    await machine.sh('nft add table ip filter; nft add chain ip filter input "{ type filter hook input priority 0; }"; nft add rule ip filter input tcp dport 22 accept')
    const before = await machine.snapshot()
    const second = redirectScript({ vips: ['10.9.0.102'], address: '10.9.0.22' })
    await machine.run(four, ['--apply'])
    const first = await machine.snapshot()
    await machine.run(second, ['--apply'])
    await machine.run(second, ['--undo'])
    expect(await machine.snapshot()).toBe(first)
    await machine.run(four, ['--undo'])
    expect(await machine.snapshot()).toBe(before)
  })
})

const hurtful: Array<{ what: string; prepare: () => Promise<unknown>; text?: string; says: string; tools?: Tools }> = [
  { what: 'a VIP on the interface', prepare: () => machine.ip('addr', 'add', '10.9.0.101/24', 'dev', 'eth0'), says: '10.9.0.101 is on eth0' },
  { what: 'a machine that the Linux script prepared', prepare: () => machine.run(linuxScript(families.IPv4), ['--apply']), says: '10.9.0.100 is on lo' },
  { what: 'a machine without the address of the backend', prepare: async () => undefined, text: redirectScript({ vips: ['10.9.0.100'], address: '10.9.0.99' }), says: 'no interface here has the address 10.9.0.99' },
  { what: 'a machine without nft', prepare: async () => rmSync(join(machine.folder, 'tools/nft')), says: 'there is no nft command', tools: 'busybox' },
]

describe('apply refuses before it changes anything', () => {
  test.each(hurtful)('$what', async ({ prepare, text = four, says, tools }) => {
    await prepare()
    const before = await machine.snapshot()
    expect(await machine.run(text, ['--apply'], { tools })).toMatchObject({ status: 3, output: '', errors: expect.stringContaining(says) })
    expect(await machine.snapshot()).toBe(before)
  })

  test('a user who is not root', async () => {
    expect(await machine.run(four, ['--apply'], { uid: 65534 })).toMatchObject({ status: 2, output: '', errors: expect.stringContaining('as root') })
  })
})

describe('a service that the script of another address of the machine redirects already', () => {
  const same = redirectScript({ vips: ['10.9.0.100'], address: '10.9.0.22', ports: ['79-81'] })

  test('is refused: only one of them would get it', async () => {
    await machine.run(four, ['--apply'])
    const before = await machine.snapshot()
    expect(await machine.run(same, ['--apply'])).toMatchObject({ status: 3, output: '', errors: expect.stringContaining('10.9.0.100/tcp/80 is redirected to 10.9.0.21 already') })
    expect(await machine.snapshot()).toBe(before)
    expect(await machine.run(redirectScript({ vips: ['10.9.0.100'], address: '10.9.0.22', ports: ['81'] }), ['--apply'])).toMatchObject({ status: 0, errors: '' })
  })

  test('fails the check of both', async () => {
    await machine.run(four, ['--apply'])
    // As two scripts of before could do it.
    await machine.sh('nft add table ip tangent_redirect_10-9-0-22; nft add chain ip tangent_redirect_10-9-0-22 c "{ type nat hook prerouting priority -100; }"; nft add rule ip tangent_redirect_10-9-0-22 c ip daddr 10.9.0.100 tcp dport 79-81 dnat to 10.9.0.22')
    expect((await machine.run(four, ['--check'])).output).toContain('FAIL  10.9.0.100/tcp/79-81 is redirected to 10.9.0.22 as well')
    expect((await machine.run(same, ['--check'])).output).toContain('FAIL  10.9.0.100/tcp/80 is redirected to 10.9.0.21 as well')
  })
})

describe('check names the mistake', () => {
  beforeEach(() => startListener(machine.namespace, '10.9.0.21', 80))

  test.each([
    ['rules that something emptied', 'nft flush ruleset', 'FAIL  10.9.0.100/tcp/80 is not redirected'],
    ['the same while the host forwards packets', 'nft flush ruleset; echo 1 >/proc/sys/net/ipv4/ip_forward', 'go round and round'],
    ['a proxy for the VIP', 'ip neigh add proxy 10.9.0.100 dev eth0', 'FAIL  This host answers for 10.9.0.100 as a proxy (dev eth0)'],
    ['a VIP on an interface', 'ip addr add 10.9.0.100/24 dev eth0', 'FAIL  10.9.0.100/24 dev eth0: with redirection no interface'],
    ['a firewall that keeps the redirected packets out', 'nft add table ip f; nft add chain ip f i "{ type filter hook input priority 0; policy drop; }"', 'FAIL  10.9.0.100/tcp/80: the firewall keeps clients out'],
  ])('%s', async (_, mistake, says) => {
    await machine.run(four, ['--apply'])
    expect((await machine.run(four, ['--check'])).status).toBe(0)
    await machine.sh(mistake)
    const broken = await machine.snapshot()
    expect(await machine.run(four, ['--check'])).toMatchObject({ status: 1, errors: '', output: expect.stringContaining(says) })
    expect(await machine.snapshot()).toBe(broken)
  })

  test('an application that listens on another address only', async () => {
    const text = redirectScript({ vips: ['10.9.0.100'], ports: ['81'] })
    await machine.run(text, ['--apply'])
    await startListener(machine.namespace, '127.0.0.1', 81)
    expect(await machine.run(text, ['--check'])).toMatchObject({ status: 1, output: expect.stringContaining('10.9.0.100/tcp/81: the application listens on 127.0.0.1') })
  })

  test('who cannot look is told that, and nothing is called right', async () => {
    await machine.run(four, ['--apply'])
    const { output } = await machine.run(four, ['--check'], { uid: 65534 })
    expect(output).toContain('note  Whether 10.9.0.100/tcp/80 is redirected could not be seen: only root can look.')
  })
})

describe('over a reboot', () => {
  const ownFiles = { ownFiles: true }

  test.each(['IPv4', 'IPv6'] as const)('with systemd, %s: the unit brings the rules back, a second apply changes nothing, undo removes every file', async (family) => {
    const { vips, name } = families[family]
    const text = redirectScript({ vips })
    mkdirSync(join(machine.folder, 'run/systemd/system'), { recursive: true })
    const [before, disk] = [await machine.snapshot(), machine.files()]
    expect(await machine.run(text, ['--apply'], ownFiles)).toMatchObject({ status: 0, errors: '', output: expect.stringContaining(`done: ${name}.service`) })
    const [prepared, files] = [await machine.snapshot(), machine.files()]
    const again = await machine.run(text, ['--apply'], ownFiles)
    expect(again).toMatchObject({ status: 0, errors: '', output: expect.stringContaining(`kept: ${name}.service`) })
    expect(again.output).not.toMatch(/^done:/m)
    expect(machine.files()).toEqual(files)

    await machine.sh('nft flush ruleset')
    const unit = readFileSync(join(machine.folder, `etc/systemd/system/${name}.service`), 'utf8')
    expect(unit).toMatch(/^After=.* nftables\.service$/m)
    expect(await machine.run(null, /^ExecStart=(.*)$/m.exec(unit)?.[1]?.split(' ') ?? [], ownFiles)).toMatchObject({ status: 0, errors: '' })
    expect(await machine.snapshot()).toBe(prepared)
    expect((await machine.run(text, ['--check'], ownFiles)).output).toContain('After a reboot this machine is prepared again')

    expect(await machine.run(text, ['--undo'], ownFiles)).toMatchObject({ status: 0, errors: '' })
    expect(await machine.snapshot()).toBe(before)
    expect(machine.files()).toEqual(disk)
  })

  test('folders that were made go with the last of two scripts that need them', async () => {
    rmSync(join(machine.folder, 'local/sbin'), { recursive: true })
    mkdirSync(join(machine.folder, 'run/systemd/system'), { recursive: true })
    const disk = machine.files()
    const second = redirectScript({ vips: ['10.9.0.102'], address: '10.9.0.22' })
    for (const mode of ['--apply', '--undo']) {
      for (const text of [four, second]) expect(await machine.run(text, [mode], ownFiles)).toMatchObject({ status: 0, errors: '' })
    }
    expect(machine.files()).toEqual(disk)
  })

  test('with OpenRC the hook brings the rules back, and undo removes it', async () => {
    const disk = machine.files()
    await machine.run(four, ['--apply'], { ...ownFiles, shell: 'busybox' })
    const prepared = await machine.snapshot()
    await machine.sh('nft flush ruleset')
    expect(await machine.run(null, [`/etc/local.d/${families.IPv4.name}.start`], ownFiles)).toMatchObject({ status: 0, errors: '' })
    expect(await machine.snapshot()).toBe(prepared)
    await machine.run(four, ['--undo'], { ...ownFiles, shell: 'busybox' })
    expect(machine.files()).toEqual(disk)
  })
})

test.each(['IPv4', 'IPv6'] as const)('no VIP is heard on the wire while it is applied and undone: %s', async (family) => {
  const { own, vips, speakers } = families[family]
  await startListener(machine.namespace, own, 80)
  const poller = await openPoller(machine, own, vips)
  let questions = 0
  while (questions < 100) {
    const heard = await poller.during(async () => {
      for (const mode of ['--undo', '--apply', '--apply']) expect((await machine.run(redirectScript({ vips }), [mode])).status).toBe(0)
    })
    expectSilence(heard)
    questions += heard.questions
  }
  expectSilence(await poller.once())
  poller.close()

  function expectSilence({ leaks, answers, asked }: Heard): void {
    expect(leaks).toEqual([])
    expect(answers).toBeGreaterThan(0)
    expect(asked.filter((sender) => !speakers.includes(sender))).toEqual([])
  }
})
