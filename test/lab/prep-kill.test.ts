import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { PrepSystem } from '#lib/prep/prep.ts'
import { startEnabledUnits } from './prep-boot.ts'
import { addTool } from './prep-folder.ts'
import { startListener } from './prep-listener.ts'
import { createPrepMachine } from './prep-machine.ts'
import { openPoller } from './prep-poller.ts'
import type { KillPoint } from './prep-run.ts'
import { scriptFor } from './prep-script.ts'
import { generator } from './random.ts'

type Family = { family: string; system: PrepSystem; own: string; vips: [string, string]; unusual: string[]; manager: 'systemd' | 'OpenRC'; boots?: true }

/** `unusual`: what is there before. `boots`: the machine boots after a kill, too. */
const families: Family[] = [
  {
    family: 'IPv4, with systemd',
    system: 'linux',
    own: '10.9.0.21',
    vips: ['10.9.0.100', '10.9.0.101'],
    unusual: ['echo 3 >/proc/sys/net/ipv4/conf/all/arp_ignore', 'echo 1 >/proc/sys/net/ipv4/conf/all/arp_announce', 'echo 2 >/proc/sys/net/ipv4/conf/eth0/arp_ignore', 'ip addr add 192.0.2.7/32 dev lo'],
    manager: 'systemd',
    boots: true,
  },
  { family: 'IPv6, with OpenRC', system: 'linux', own: 'fd09::21', vips: ['fd09::100', 'fd09::101'], unusual: ['ip addr add 2001:db8:7::7/128 dev lo', 'ip addr add fd09::101/128 dev lo'], manager: 'OpenRC' },
  { family: 'IPv6, redirected, with systemd', system: 'linux-redirect', own: 'fd09::21', vips: ['fd09::100', 'fd09::101'], unusual: ['nft add table ip6 other'], manager: 'systemd' },
]

/** In each family: 26 in each mode. */
const kills = 13

type Mode = '--apply' | '--undo' | '--check'
type Site = {
  /** Runs the script; answers its exit status, -1 when it was killed with all that it started. */
  run: (mode: Mode, killAt?: KillPoint) => Promise<number>
  /** A boot, with what is unusual there, and all that is started then. */
  boot: () => Promise<void>
  /** Addresses, settings and files, and what the poller hears of the VIP that was not there before. */
  state: () => Promise<string>
  /** The states before and after a complete run. */
  before: string
  applied: string
}

async function onSite({ system, own, vips, unusual, manager }: Family, work: (site: Site) => Promise<void>): Promise<void> {
  const { text } = scriptFor(system, { vips })
  const machine = await createPrepMachine()
  try {
    if (system === 'linux-redirect') addTool(machine.folder, '/usr/sbin/nft')
    if (manager === 'systemd') mkdirSync(join(machine.folder, 'run/systemd/system'), { recursive: true })
    await machine.sh(unusual.join('\n'))
    await startListener(machine.namespace, '::', 80)
    const poller = await openPoller(machine, own, vips.slice(0, 1))
    const run: Site['run'] = async (mode, killAt) => (await machine.run(text, [mode], { ownFiles: true, killAt })).status
    const state: Site['state'] = async () => {
      const { leaks } = await poller.once()
      const files = Object.entries(machine.files()).map(([path, content]) => `${path} ${content}`.replace(/boot-\d+$/m, 'this boot').replace(/(\/lock -> |\.tangent-new\.)[\d-]+/, '$1a process'))
      // Addresses are listed in the order in which they were added.
      return [...leaks, ...(await machine.snapshot()).split('\n').sort(), ...files].join('\n')
    }
    const boot = async (): Promise<void> => {
      await machine.reboot()
      await machine.sh(unusual.join('\n'))
      await startEnabledUnits(machine)
      await machine.connect()
    }
    const before = await state()
    expect(await run('--apply')).toBe(0)
    const applied = await state()
    expect(await run('--undo')).toBe(0)
    await work({ run, boot, state, before, applied })
    poller.close()
  } finally {
    await machine.remove()
  }
}

/** Runs a mode to its end; then the machine must be in this state. */
async function expectTo({ run, state }: Site, mode: Mode, wanted: string, moment: string): Promise<void> {
  expect(await run(mode), `${moment}: ${mode}`).toBe(0)
  expect(await state(), `${moment}: after ${mode}`).toBe(wanted)
}

/** Kills `mode` at every program that it starts. `trial` begins in each new state that this leaves, and must end where the mode began; `again` makes the state once more. */
async function killEverywhere(site: Site, mode: '--apply' | '--undo', trial: (moment: string, again: () => Promise<unknown>, state: number) => Promise<void>): Promise<void> {
  const [back, from] = mode === '--apply' ? (['--undo', site.before] as const) : (['--apply', site.applied] as const)
  const seen = new Set<string>()
  for (let program = 1, complete = false; !complete; program += 1) {
    const moment = `${mode} killed at program ${program}`
    const kill = (): Promise<number> => site.run(mode, { program })
    complete = (await kill()) === 0
    const left = await site.state()
    if (!seen.has(left)) await trial(moment, kill, seen.size)
    else if (left !== from) await expectTo(site, back, from, moment)
    seen.add(left)
  }
  // The two ends, and at least something between them.
  expect(seen.size).toBeGreaterThan(2)
}

async function durationOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

describe.concurrent('killed with SIGKILL, with all that it started, the script leaves a machine that --undo takes back and --apply completes', { timeout: 600_000 }, () => {
  test.each(families)('at every program that --apply starts: $family', (family) =>
    onSite(family, (site) =>
      killEverywhere(site, '--apply', async (moment, again, state) => {
        await expectTo(site, '--apply', site.applied, moment)
        await expectTo(site, '--undo', site.before, moment)
        await again()
        await expectTo(site, '--undo', site.before, moment)
        if (!family.boots) return
        await again()
        await site.boot()
        if (state % 2 === 1) await expectTo(site, '--apply', site.applied, `${moment}, then a boot`)
        await expectTo(site, '--undo', site.before, `${moment}, then a boot`)
      }),
    ),
  )

  test.each(families)('at every program that --undo starts: $family', (family) =>
    onSite(family, async (site) => {
      await expectTo(site, '--apply', site.applied, 'the start')
      await killEverywhere(site, '--undo', async (moment, again) => {
        await expectTo(site, '--undo', site.before, moment)
        await expectTo(site, '--apply', site.applied, moment)
        await again()
        await expectTo(site, '--apply', site.applied, moment)
      })
    }),
  )

  test.each(families.filter(({ system }) => system === 'linux'))(`at ${kills} random moments of --apply and of --undo: $family`, (family) =>
    onSite(family, async (site) => {
      const seed = Date.now()
      const random = generator(seed)
      const applyMs = await durationOf(() => site.run('--apply'))
      const undoMs = await durationOf(() => site.run('--undo'))
      const told = `seed ${seed}, --apply takes ${Math.round(applyMs)} ms, --undo ${Math.round(undoMs)} ms`
      for (let kill = 1; kill <= kills; kill += 1) {
        const [applyAt, undoAt] = [random() * applyMs, random() * undoMs]
        const moment = `${told}, kill ${kill} after ${Math.round(applyAt)} and ${Math.round(undoAt)} ms`
        await site.run('--apply', { afterMs: applyAt })
        await expectTo(site, '--undo', site.before, moment)
        await site.run('--apply', { afterMs: applyAt })
        await expectTo(site, '--apply', site.applied, moment)
        expect(await site.run('--check'), `${moment}: --check`).toBe(0)
        await site.run('--undo', { afterMs: undoAt })
        await expectTo(site, '--undo', site.before, moment)
      }
      console.log(`${family.family}: ${told}`)
    }),
  )
})
