import { createSocket } from 'node:dgram'
import { readFile, writeFile } from 'node:fs/promises'
import { familyOf, parseMac } from '#lib/domain/address.ts'
import type { Log } from './log.ts'
import { spotKey, type Pin, type Pins, type Spot } from './pins.ts'
import { run } from './run.ts'

/** A backend that is addressed by its MAC; `pin` is the MAC that the user gave, which is held instead of asked for. */
export type Watched = Spot & { pin: string | null }

export type Neighbours = {
  /** The MAC address of a watched backend. `lost`: it answered once and does not any more. */
  macOf: (watched: Spot) => { mac: string | null; lost: boolean }
  /** Sets what one farm watches; an empty list ends it. */
  watch: (farm: string, list: readonly Watched[]) => void
  /** Takes one line of `ip monitor neigh`. */
  event: (line: string) => void
  /** Reads the kernel's whole table again. */
  resync: () => Promise<void>
  /** Waits until these backends have an answer or the kernel holds their pin, at most `ms` milliseconds. */
  settle: (list: readonly Watched[], ms: number) => Promise<void>
  stop: () => void
}

/** `cached`: the kernel has an entry that can be set to PROBE. Times are milliseconds of a clock that never jumps. */
export type Entry = { mac: string | null; failedSince: number | null; cached: boolean }

/** How long a backend may be silent, in ms, before its MAC counts as unknown. */
const patienceMs = 3000
const askEveryMs = 1000

/**
 * Keeps the MAC addresses of backends current with the kernel's own neighbour machine (RFC 4861 §7.3, ARP alike): once a
 * second each entry is set to PROBE, which makes the kernel ask the old MAC and, when that is silent, everybody. DSR
 * traffic itself never confirms an entry, so without this a replaced network card would stay unnoticed.
 */
export function watchNeighbours(log: Log, pins: Pins, changed: (farms: readonly string[]) => void): Neighbours {
  const entries = new Map<string, Entry>()
  const joining = new Set<string>()
  const watched = new Map<string, Spot & { farms: Map<string, string | null> }>()
  const held = new Map<string, string>()
  const byFarm = new Map<string, string[]>()
  const sockets = { ipv4: createSocket('udp4').unref(), ipv6: createSocket('udp6').unref() }
  Object.values(sockets).forEach((socket) => socket.on('error', (error) => log.debug({ error: error.message }, 'neighbour query failed')))

  /** Takes a line and answers the farms that it concerns. */
  function take(line: string): string[] {
    const parsed = parseNeighbour(line)
    const one = parsed ? watched.get(spotKey(parsed)) : undefined
    if (!parsed || !one) return []
    const now = performance.now()
    const old = entries.get(spotKey(parsed))
    const entry = learn(old, parsed, now)
    if (entry) entries.set(spotKey(parsed), entry)
    if (parsed.mac && parsed.permanent) held.set(spotKey(parsed), parsed.mac)
    else held.delete(spotKey(parsed))
    return parsed.mac && (old?.mac !== parsed.mac || isLost(old, now)) ? askers(one.farms) : []
  }

  function query(address: string): void {
    sockets[familyOf(address)].send(Buffer.alloc(1), 9, address)
  }

  let holding = false
  const reported = new Set<string>()
  async function ask(): Promise<void> {
    const now = performance.now()
    const probes: string[] = []
    for (const [key, { address, interface: iface, farms }] of watched) {
      if (pinOf(farms) !== null) continue
      const entry = entries.get(key)
      if (canProbe(entry)) probes.push(`neigh change ${address} dev ${iface} nud probe`)
      else query(address)
      if (isLost(entry, now) && !reported.has(key)) {
        reported.add(key)
        changed([...farms.keys()])
      } else if (!isLost(entry, now)) reported.delete(key)
    }
    holdSoon()
    if (probes.length > 0) await run('ip', ['-force', '-batch', '-'], { input: `${probes.join('\n')}\n`, okCodes: [0, 1, 2] })
  }

  /** Many farms at once cost one comparison. */
  function holdSoon(): void {
    if (holding) return
    holding = true
    queueMicrotask(() => {
      holding = false
      hold().catch((error: unknown) => log.warn({ error: String(error) }, 'pinning a MAC address failed'))
    })
  }

  /** Brings the permanent entries in line with the pins; an address without a pin any more is asked for at once. */
  async function hold(): Promise<void> {
    const wanted: Pin[] = [...watched.values()].flatMap(({ address, interface: iface, farms }) => {
      const mac = pinOf(farms)
      return mac === null ? [] : [{ address, interface: iface, mac }]
    })
    const released = await pins.hold(wanted, held)
    for (const one of released) if (watched.has(spotKey(one))) query(one.address)
  }

  /** Begins to watch: what the kernel knows counts at once, the rest is asked for. Many farms at once cost one reading of the table. */
  function begin(added: readonly Watched[]): void {
    added.filter(({ pin }) => pin === null).forEach((one) => query(one.address))
    if (joining.size === 0) queueMicrotask(join)
    added.forEach((one) => joining.add(one.interface))
  }

  /** An interface that came back under its old name has lost its settings, so they are looked at each time. */
  function join(): void {
    for (const iface of joining) void hurry(iface, log)
    joining.clear()
    resync().catch((error: unknown) => log.warn({ error: String(error) }, 'reading the neighbour table failed'))
  }

  const timer = setInterval(() => void ask().catch((error: unknown) => log.warn({ error: String(error) }, 'asking for neighbours failed')), askEveryMs)

  async function resync(): Promise<void> {
    const before = [...entries]
    const lines = (await run('ip', ['-o', 'neigh', 'show'])).split('\n')
    const listed = new Set(lines.flatMap((line) => parseNeighbour(line) ?? []).map(spotKey))
    // Only what was known before the listing began: an answer that came meanwhile is newer than it.
    for (const [key, entry] of before) {
      if (listed.has(key)) continue
      entry.cached = false
      held.delete(key)
    }
    const farms = new Set(lines.flatMap(take))
    if (farms.size > 0) changed([...farms])
  }

  return {
    macOf: (one) => {
      const entry = entries.get(spotKey(one))
      return { mac: entry?.mac ?? null, lost: isLost(entry, performance.now()) }
    },
    watch: (farm, list) => {
      for (const key of byFarm.get(farm) ?? []) watched.get(key)?.farms.delete(farm)
      const added: Watched[] = []
      for (const one of list) {
        const known = watched.get(spotKey(one))
        if (!known) added.push(one)
        watched.set(spotKey(one), { address: one.address, interface: one.interface, farms: (known?.farms ?? new Map<string, string | null>()).set(farm, one.pin) })
      }
      for (const key of byFarm.get(farm) ?? []) {
        if (watched.get(key)?.farms.size !== 0) continue
        watched.delete(key)
        entries.delete(key)
        held.delete(key)
      }
      if (list.length > 0) byFarm.set(farm, list.map(spotKey))
      else byFarm.delete(farm)
      if (added.length > 0) begin(added)
      holdSoon()
    },
    event: (line) => {
      const farms = take(line)
      if (farms.length > 0) changed(farms)
    },
    resync,
    settle: async (list, ms) => {
      for (const end = performance.now() + ms; performance.now() < end; ) {
        if (list.every((one) => (one.pin === null ? entries.has(spotKey(one)) : held.has(spotKey(one))))) return
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    stop: () => {
      clearInterval(timer)
      Object.values(sockets).forEach((socket) => socket.close())
    },
  }
}

/** What `ip neigh` says of an address. `gone`: the kernel has dropped the entry, which says nothing about the backend. */
export type Neighbour = Spot & { mac: string | null; gone: boolean; permanent: boolean }

/** One line of `ip neigh`: an address with its MAC, or without one when it failed. PROBE and INCOMPLETE say nothing yet. */
export function parseNeighbour(line: string): Neighbour | null {
  const match = /^(?:Deleted )?(\S+) dev (\S+)(?: lladdr (\S+))?.* (REACHABLE|STALE|PERMANENT|DELAY|NOARP|FAILED|PROBE|INCOMPLETE)\s*$/.exec(line)
  const [, address, iface, mac, state = ''] = match ?? []
  const gone = line.startsWith('Deleted ')
  if (!address || !iface || (!gone && (state === 'PROBE' || state === 'INCOMPLETE'))) return null
  return { address, interface: iface, mac: state === 'FAILED' || !mac || gone ? null : parseMac(mac), gone, permanent: state === 'PERMANENT' && !gone }
}

/** The MAC that an address is held at: the first that a farm gave. */
function pinOf(farms: ReadonlyMap<string, string | null>): string | null {
  return [...farms.values()].find((pin) => pin !== null) ?? null
}

/** The farms that go by what the network answers. */
function askers(farms: ReadonlyMap<string, string | null>): string[] {
  return [...farms].flatMap(([farm, pin]) => (pin === null ? [farm] : []))
}

/** What is known of a backend after a line about it: a MAC clears a failure, and a failure keeps the MAC and its first moment. */
export function learn(old: Entry | undefined, { mac, gone }: Neighbour, now: number): Entry | undefined {
  if (gone) return old && { ...old, cached: false }
  if (mac) return { mac, failedSince: null, cached: true }
  return { mac: old?.mac ?? null, failedSince: old?.failedSince ?? now, cached: true }
}

/**
 * True when the kernel can be told to ask the old MAC again. It drops all entries when an interface loses its carrier;
 * then, as after a failure, only a packet to the backend makes it ask.
 */
export function canProbe(entry: Entry | undefined): boolean {
  return entry !== undefined && entry.cached && entry.mac !== null && entry.failedSince === null
}

function isLost(entry: Entry | undefined, now: number): boolean {
  return entry !== undefined && entry.failedSince !== null && now - entry.failedSince >= patienceMs
}

/** Settings of the kernel's neighbour machine (arp(7), ip-sysctl), by family. */
const hurried: Record<string, Record<string, string>> = {
  ipv4: { ucast_solicit: '1', mcast_resolicit: '3', retrans_time_ms: '250', locktime: '0' },
  ipv6: { ucast_solicit: '1', mcast_resolicit: '3', retrans_time_ms: '250' },
}

/**
 * Lets the kernel give up on an old MAC after one unanswered question of 250 ms and then ask everybody. Without locktime 0
 * it would ignore another MAC in the answer for a second after each question.
 */
async function hurry(iface: string, log: Log): Promise<void> {
  for (const [family, settings] of Object.entries(hurried)) {
    for (const [key, value] of Object.entries(settings)) {
      const path = `/proc/sys/net/${family}/neigh/${iface}/${key}`
      try {
        if ((await readFile(path, 'utf8')).trim() !== value) await writeFile(path, value)
      } catch (error) {
        log.warn({ path, error: String(error) }, 'a neighbour setting could not be changed; a replaced network card is noticed later')
      }
    }
  }
}
