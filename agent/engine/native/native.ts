import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { NftlbFarm } from '#lib/render/nftlb.ts'
import type { Log } from '../../log.ts'
import { run } from '../../run.ts'
import type { Engine, EngineStep, Mismatch } from '../engine.ts'
import { shown } from '../nftlb/impact.ts'
import { mapAtMost, readersAtOnce } from '../../at-most.ts'
import { chainsOf, commit, converge, removeDevice, type Change } from './converge.ts'
import { add, countersOf, none, readCounters, retiring, type Readings, type Totals } from './counters.ts'
import { watchGenerations, type Foreign } from './generations.ts'
import { emptyMirror, type Held, type Mirror, type Owner } from './held.ts'
import { handoverOf, endsBy, watchQuiet } from './handover.ts'
import { planSteps, type Work } from './plan-steps.ts'
import { nftScript } from '../nft.ts'
import { interfaceNames } from './interface-names.ts'
import { isRefusal, readDispatch, readMacs } from './kernel.ts'
import { adoptFarm, compareChains, compareFarm, compareShared, hooksStand, ownersThere, targetsOf } from './observe.ts'
import { table } from './names.ts'
import { openRuleReader, type Rules } from './read-rules.ts'
import { printFarm } from './print-farm.ts'
import { clearAway, farmsOfChains, restoreChains, restoreFrame, restoreShared } from './restore.ts'

/** Farms in one transaction when many come at once: about 1 MB of script. */
const together = 20

/** Looks at everything that nobody reported as changed: every so many calls all that is shared, and this many farms each time. */
const sharedEvery = 10
const farmsEach = 2

/** Pause before farms that could not be put in are tried again, in ms; it doubles each time. */
const [shortestPauseMs, longestPauseMs] = [1000, 60_000]

/**
 * Our own table of consistent-hash slots. `mirror` is what the kernel has: every change is the difference between it and what is
 * wanted, in one transaction, which the kernel takes as a whole or not at all; reading is needed at the start and when somebody
 * else has touched the table.
 */
export function nativeEngine(folder: string, log: Log, onTrouble: () => void): Engine {
  const scriptPath = join(folder, 'native.nft')
  let mirror: Mirror = emptyMirror()
  let running = false
  let version: string | null = null
  let last: Readings = { sent: new Map(), connections: new Map(), unsent: new Map() }
  const [retired, rejected] = [new Map<string, Totals>(), new Map<string, string>()]
  /** Farms that somebody else touched, and whether what all share was touched. */
  const suspects = new Set<string>()
  let sharedSuspect = false
  let [retryAt, pauseMs] = [Infinity, shortestPauseMs]
  let [heard, looks, turn] = [0, 0, 0]
  const quiet = watchQuiet()
  const rules = openRuleReader()

  const generations = watchGenerations(log, foreign, () => suspectAll())

  function foreign({ names, pid, program }: Foreign): void {
    heard += 1
    log.warn({ names: [...names].slice(0, 10), pid, program }, 'another program changed the rules of this engine')
    for (const name of names) {
      const farm = /^(f_[^-]+)/.exec(name)?.[1]
      if (farm && mirror.farms.has(farm)) suspects.add(farm)
      else sharedSuspect = true
      if (name === '') suspectAll()
    }
    onTrouble()
  }

  function suspectAll(): void {
    sharedSuspect = true
    for (const name of mirror.farms.keys()) suspects.add(name)
  }

  /** From a file, not from a pipe: an agent that is killed while it writes must not leave nft with half of a script. */
  async function transact(script: string, names: readonly string[] = []): Promise<void> {
    if (script === '') return
    await writeFile(scriptPath, `${script}\n`)
    await nftScript(scriptPath, generations.own).catch((error: unknown) => {
      // The kernel may have taken it all the same: nft can be killed between its work and its end.
      names.forEach((name) => suspects.add(name))
      sharedSuspect = true
      throw error
    })
  }

  async function put(name: string, change: Change, mac: string | null): Promise<void> {
    const before = mirror.farms.get(name)
    if (change.script === '') {
      if (change.next) mirror.farms.set(name, change.next)
      rejected.delete(name)
      return
    }
    // Reading takes longer the more farms there are; what a deleted farm counted is nobody's.
    const { next } = change
    const drops = before !== undefined && next !== null && [...before.owners.keys()].some((id) => !next.owners.has(id))
    const readings = drops ? (last = await readCounters()) : last
    await transact(change.script, [name])
    if (before && next) retired.set(name, add(retired.get(name) ?? none, retiring(before, next, readings)))
    else retired.delete(name)
    commit(mirror, name, next, mac)
    rejected.delete(name)
  }

  async function apply(step: EngineStep): Promise<void> {
    const work = step.work as Work
    const name = work.kind === 'delete' ? work.name : work.farm.name
    const wanted = work.kind === 'delete' ? null : work.farm
    await put(name, converge(mirror, name, wanted, performance.now()), wanted?.['ether-addr'] ?? null)
  }

  async function verify(names: readonly string[] | 'all'): Promise<Mismatch[]> {
    const found: Mismatch[] = names === 'all' ? [...(await endHandovers()), ...owed()] : []
    if (names === 'all') await dropUnused()
    const due = names === 'all' ? dueFarms() : names.filter((name) => suspects.has(name))
    const before = heard
    if (names === 'all' && (sharedSuspect || !generations.listening() || looks++ % sharedEvery === 0 || !(await hooksStand(mirror, rules.read)))) {
      const differences = mirror.exists ? await compareShared(mirror, await rules.read(null)) : []
      sharedSuspect = differences.length > 0 || heard !== before
      found.push(...differences.map((detail) => ({ farm: null, detail })))
    }
    for (const name of due) {
      const held = mirror.farms.get(name)
      const differences = held ? await compareFarm(held, await rulesOf(held)) : []
      if (differences.length > 0) suspects.add(name)
      else if (heard === before) suspects.delete(name)
      found.push(...differences.map((detail) => ({ farm: name, detail })))
    }
    return found
  }

  async function rulesOf(held: Held): Promise<Rules> {
    const parts = await Promise.all([...chainsOf(held).keys()].map((chain) => rules.read(chain)))
    return new Map(parts.flatMap((part) => [...part]))
  }

  /** Those that are suspect, and a few others in turn, so that what nobody reported is found in the end. */
  function dueFarms(): string[] {
    const names = [...mirror.farms.keys()]
    if (!generations.listening()) return names
    const some = Array.from({ length: Math.min(farmsEach, names.length) }, (_, i) => names[(turn + i) % names.length] ?? '')
    turn = names.length > 0 ? (turn + farmsEach) % names.length : 0
    return [...new Set([...suspects, ...some])]
  }

  /** Farms that the kernel would not take, when it is time to try them again. */
  function owed(): Mismatch[] {
    return performance.now() < retryAt ? [] : [...rejected.keys()].map((farm) => ({ farm, detail: `${shown(farm)} is not in the kernel as it should be` }))
  }

  async function endHandovers(): Promise<Mismatch[]> {
    const at = performance.now()
    const busy = [...mirror.farms].filter(([, held]) => held.lingering.size > 0)
    if (busy.length === 0) return []
    last = await readCounters()
    await quiet.look(at)
    const found: Mismatch[] = []
    for (const [name, held] of busy) {
      try {
        if (held.farm) await put(name, converge(mirror, name, held.farm, at, endsBy(at, held, quiet)), held.farm['ether-addr'] ?? null)
      } catch (error) {
        found.push({ farm: name, detail: `a handover does not end: ${String(error)}` })
      }
    }
    return found
  }

  /** Takes the hooks off interfaces that no farm uses any more. */
  async function dropUnused(): Promise<void> {
    const used = new Set([...mirror.farms.values()].map(({ shape }) => shape.iface))
    for (const iface of [...mirror.devices.keys()].filter((one) => !used.has(one))) {
      mirror.devices.delete(iface)
      // With the interface its hook is gone already, and the rest of its chains leads nowhere.
      if ((await interfaceNames()).has(iface)) await transact(removeDevice(iface))
    }
  }

  /** Reads the kernel and makes it as wanted: what is right already is not touched, and a handover goes on. */
  async function restore(all: readonly NftlbFarm[], which: (name: string) => boolean): Promise<void> {
    const at = performance.now()
    const due = new Set(all.map(({ name }) => name).filter(which))
    // What somebody touches from here on is suspect again.
    suspects.clear()
    sharedSuspect = false
    const interfaces = await interfaceNames()
    const wanted = all.filter(({ iface }) => interfaces.has(iface ?? ''))
    rejected.clear()
    for (const { name, iface } of all) if (!interfaces.has(iface ?? '')) rejected.set(name, `there is no interface ${iface}`)
    const standing = await rules.read(null)
    const chains = standing.size > 0 || (await readDispatch('ports4')) ? [...standing.keys()] : null
    const there = chains ? await readCounters() : { sent: new Map(), connections: new Map(), unsent: new Map() }
    const owners = ownersThere(chains ? await readMacs() : new Map<number, string>(), there.sent)
    const found: Mirror = emptyMirror()
    found.exists = chains !== null
    const broken: string[] = []
    // What is wanted now may stand in the way of what others still have.
    const read = (farm: NftlbFarm): Promise<Held | null> => adoptFarm(mirror.farms.get(farm.name)?.farm ?? farm, owners.get(farm.name) ?? new Map<number, Owner>(), at)
    const adopted = await mapAtMost(readersAtOnce, chains ? wanted : [], async (farm) => (due.has(farm.name) ? read(farm) : (mirror.farms.get(farm.name) ?? null)))
    for (const held of adopted.flatMap((one) => one ?? [])) {
      commit(found, held.shape.name, held, held.farm?.['ether-addr'] ?? '')
      if (compareChains(chainsOf(held), standing).length > 0) broken.push(restoreChains(held))
    }
    const lost = [...new Set([...farmsOfChains(chains ?? []), ...owners.keys()])].filter((name) => !found.farms.has(name))
    const cleared = await mapAtMost(readersAtOnce, lost, (name) => clearAway(name, chains ?? []))
    mirror = found
    try {
      if (chains) await transact([restoreFrame(mirror), ...broken, restoreShared(mirror, there, last), ...cleared].join('\n'))
    } catch (error) {
      if (!isRefusal(error)) throw error
      // Of another version, or changed by hand beyond recognition: everything anew, in the same transaction that takes it away.
      log.warn({ error: String(error) }, 'the table in the kernel is made anew')
      return replaceAll(wanted, at)
    }
    await fill(wanted, at)
  }

  /** Brings in what is missing, many farms in one transaction; when that fails, one by one, so that a bad one does not keep the others out. */
  async function fill(wanted: readonly NftlbFarm[], at: number): Promise<void> {
    const missing = wanted.filter(({ name }) => !mirror.farms.has(name))
    for (let i = 0; i < missing.length; i += together) {
      const some = missing.slice(i, i + together)
      if ((await putTogether(some, at)) !== null) for (const farm of some) await putOrReject(farm, at)
    }
    for (const farm of wanted) if (mirror.farms.has(farm.name)) await putOrReject(farm, at)
    // What stood in the way of one may have gone with another.
    for (const farm of wanted) if (rejected.has(farm.name)) await putOrReject(farm, at)
    const some = wanted.some(({ name }) => rejected.has(name))
    retryAt = some ? performance.now() + pauseMs : Infinity
    pauseMs = some ? Math.min(pauseMs * 2, longestPauseMs) : shortestPauseMs
  }

  /** The old table goes and the new one comes in one transaction; farms that are refused are found afterwards, one by one. */
  async function replaceAll(wanted: readonly NftlbFarm[], at: number): Promise<void> {
    const found = mirror
    mirror = emptyMirror()
    const error = await putTogether(wanted, at, [`delete table netdev ${table}`])
    if (isRefusal(error)) await transact(`delete table netdev ${table}`)
    else if (error !== null) {
      mirror = found
      throw error
    }
    await fill(wanted, at)
  }

  /** Answers what went wrong; null when nothing did. */
  async function putTogether(farms: readonly NftlbFarm[], at: number, first: readonly string[] = []): Promise<unknown> {
    const trial: Mirror = { ...mirror, farms: new Map(mirror.farms), devices: new Map(mirror.devices), dispatch: new Map(mirror.dispatch), ids: new Map(mirror.ids) }
    const scripts = farms.map((farm) => {
      const change = converge(trial, farm.name, farm, at)
      commit(trial, farm.name, change.next, farm['ether-addr'] ?? '')
      return change.script
    })
    try {
      await transact([...first, ...scripts].join('\n'), farms.map(({ name }) => name))
      mirror = trial
      return null
    } catch (error) {
      return error
    }
  }

  async function putOrReject(farm: NftlbFarm, at: number): Promise<void> {
    try {
      await put(farm.name, converge(mirror, farm.name, farm, at), farm['ether-addr'] ?? '')
    } catch (error) {
      log.error({ farm: farm.name, error: String(error) }, 'a farm could not be put into the kernel')
      rejected.set(farm.name, error instanceof Error ? error.message : String(error))
    }
  }

  async function bring(wanted: readonly NftlbFarm[]): Promise<void> {
    version ??= /v([0-9.]+)/.exec(await run('nft', ['--version']))?.[1] ?? null
    await restore(wanted, (name) => !running || suspects.has(name) || !mirror.farms.has(name)).catch((error: unknown) => {
      suspectAll()
      throw error
    })
    running = true
  }

  return {
    start: bring,
    plan: (current, wanted) => planSteps(mirror, current, wanted),
    apply,
    verify,
    repair: bring,
    rejected: () => rejected,
    held: (name) => mirror.farms.get(name)?.farm ?? null,
    holder: (name) => (mirror.farms.has(name) ? 'native' : null),
    counters: async () => {
      last = await readCounters()
      return countersOf(mirror, last, retired)
    },
    handover: (name) => handoverOf(mirror.farms.get(name) ?? null, quiet, performance.now()),
    targets: async ({ name }) => targetsOf(mirror.farms.get(name) ?? null, rulesOf),
    ruleset: async (farm) => printFarm(mirror.farms.get(farm.name) ?? null, await rules.read(null)),
    state: () => ({ running, engines: [{ name: 'native', version, running }], faults: [] }),
    stop: async () => {
      generations.stop()
      rules.stop()
    },
  }
}
