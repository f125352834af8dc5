import { createSocket } from 'node:dgram'
import { readFile, writeFile } from 'node:fs/promises'
import { familyOf, parseMac } from '#lib/domain/address.ts'
import type { Log } from './log.ts'
import { run } from './run.ts'

/** A backend that is addressed by its MAC. */
export type Watched = { address: string; interface: string }

export type Neighbours = {
  /** The MAC address of a watched backend. `lost`: it answered once and does not any more. */
  macOf: (watched: Watched) => { mac: string | null; lost: boolean }
  /** Sets what one farm watches; an empty list ends it. */
  watch: (farm: string, list: readonly Watched[]) => void
  /** Takes one line of `ip monitor neigh`. */
  event: (line: string) => void
  /** Reads the kernel's whole table again. */
  resync: () => Promise<void>
  /** Waits until these backends have an answer, at most `ms` milliseconds. */
  settle: (list: readonly Watched[], ms: number) => Promise<void>
  stop: () => void
}

type Entry = { mac: string | null; failedSince: number | null }

/** How long a backend may be silent, in ms, before its MAC counts as unknown. */
const patienceMs = 3000
const askEveryMs = 1000

/**
 * Keeps the MAC addresses of backends current with the kernel's own neighbour machine (RFC 4861 §7.3, ARP alike): once a
 * second each entry is set to PROBE, which makes the kernel ask the old MAC and, when that is silent, everybody. DSR
 * traffic itself never confirms an entry, so without this a replaced network card would stay unnoticed.
 */
export function watchNeighbours(log: Log, changed: (farms: readonly string[]) => void): Neighbours {
  const entries = new Map<string, Entry>()
  const tuned = new Set<string>()
  const watched = new Map<string, Watched & { farms: Set<string> }>()
  const byFarm = new Map<string, string[]>()
  const sockets = { ipv4: createSocket('udp4').unref(), ipv6: createSocket('udp6').unref() }
  Object.values(sockets).forEach((socket) => socket.on('error', (error) => log.debug({ error: error.message }, 'neighbour query failed')))

  const keyOf = ({ address, interface: iface }: Watched): string => `${address} ${iface}`

  function note(key: string, mac: string | null, now: number): boolean {
    const old = entries.get(key)
    if (mac) {
      entries.set(key, { mac, failedSince: null })
      return old?.mac !== mac || isLost(old, now)
    }
    if (old && old.failedSince === null) old.failedSince = now
    if (!old) entries.set(key, { mac: null, failedSince: now })
    return false
  }

  function isLost(entry: Entry | undefined, now: number): boolean {
    return entry !== undefined && entry.failedSince !== null && now - entry.failedSince >= patienceMs
  }

  /** Takes a line and answers the farms that it concerns. */
  function take(line: string): string[] {
    const parsed = parseNeighbour(line)
    const one = parsed ? watched.get(keyOf(parsed)) : undefined
    return parsed && one && note(keyOf(parsed), parsed.mac, Date.now()) ? [...one.farms] : []
  }

  function query(address: string): void {
    sockets[familyOf(address)].send(Buffer.alloc(1), 9, address)
  }

  const reported = new Set<string>()
  async function ask(): Promise<void> {
    const now = Date.now()
    const probes: string[] = []
    for (const [key, { address, interface: iface, farms }] of watched) {
      const entry = entries.get(key)
      if (entry?.mac && entry.failedSince === null) probes.push(`neigh change ${address} dev ${iface} nud probe`)
      else query(address)
      if (isLost(entry, now) && !reported.has(key)) {
        reported.add(key)
        changed([...farms])
      } else if (!isLost(entry, now)) reported.delete(key)
    }
    if (probes.length > 0) await run('ip', ['-force', '-batch', '-'], { input: `${probes.join('\n')}\n`, okCodes: [0, 1, 2] })
  }

  /** Begins to watch: what the kernel knows counts at once, the rest is asked for. */
  function begin(added: readonly Watched[]): void {
    for (const iface of new Set(added.map((one) => one.interface))) {
      if (tuned.has(iface)) continue
      tuned.add(iface)
      void hurry(iface, log)
    }
    added.forEach((one) => query(one.address))
    resync().catch((error: unknown) => log.warn({ error: String(error) }, 'reading the neighbour table failed'))
  }

  const timer = setInterval(() => void ask().catch((error: unknown) => log.warn({ error: String(error) }, 'asking for neighbours failed')), askEveryMs)

  async function resync(): Promise<void> {
    const text = await run('ip', ['-o', 'neigh', 'show'])
    const farms = new Set(text.split('\n').flatMap(take))
    if (farms.size > 0) changed([...farms])
  }

  return {
    macOf: (one) => {
      const entry = entries.get(keyOf(one))
      return { mac: entry?.mac ?? null, lost: isLost(entry, Date.now()) }
    },
    watch: (farm, list) => {
      for (const key of byFarm.get(farm) ?? []) watched.get(key)?.farms.delete(farm)
      const added: Watched[] = []
      for (const one of list) {
        const known = watched.get(keyOf(one))
        if (!known) added.push(one)
        watched.set(keyOf(one), { ...one, farms: (known?.farms ?? new Set<string>()).add(farm) })
      }
      for (const key of byFarm.get(farm) ?? []) {
        if (watched.get(key)?.farms.size !== 0) continue
        watched.delete(key)
        entries.delete(key)
      }
      if (list.length > 0) byFarm.set(farm, list.map(keyOf))
      else byFarm.delete(farm)
      if (added.length > 0) begin(added)
    },
    event: (line) => {
      const farms = take(line)
      if (farms.length > 0) changed(farms)
    },
    resync,
    settle: async (list, ms) => {
      for (const end = Date.now() + ms; Date.now() < end; ) {
        if (list.every((one) => entries.has(keyOf(one)))) return
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    stop: () => {
      clearInterval(timer)
      Object.values(sockets).forEach((socket) => socket.close())
    },
  }
}

/** One line of `ip neigh`: an address with its MAC, or without one when it failed. PROBE and INCOMPLETE say nothing yet. */
export function parseNeighbour(line: string): (Watched & { mac: string | null }) | null {
  const match = /^(?:Deleted )?(\S+) dev (\S+)(?: lladdr (\S+))?.* (REACHABLE|STALE|PERMANENT|DELAY|NOARP|FAILED)\s*$/.exec(line)
  const [, address, iface, mac, state] = match ?? []
  if (!address || !iface || line.startsWith('Deleted ')) return null
  return { address, interface: iface, mac: state === 'FAILED' || !mac ? null : parseMac(mac) }
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
