import { createSocket } from 'node:dgram'
import { readFile, writeFile } from 'node:fs/promises'
import { familyOf } from '#lib/domain/address.ts'
import { parseMac } from '#lib/domain/address.ts'
import type { Log } from './log.ts'
import { run } from './run.ts'

/** A backend that is addressed by its MAC. */
export type Watched = { address: string; interface: string }

export type Neighbours = {
  /** The MAC address of a watched backend. `lost`: it answered once and does not any more. */
  macOf: (watched: Watched) => { mac: string | null; lost: boolean }
  /** Sets what is watched. */
  watch: (list: readonly Watched[]) => void
  /** Takes one line of `ip monitor neigh`. */
  event: (line: string) => void
  /** Reads the kernel's whole table again. */
  resync: () => Promise<void>
  /** Waits until every watched backend has an answer, at most `ms` milliseconds. */
  settle: (ms: number) => Promise<void>
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
export function watchNeighbours(log: Log, changed: (addresses: readonly string[]) => void): Neighbours {
  const entries = new Map<string, Entry>()
  const tuned = new Set<string>()
  let watched = new Map<string, Watched>()
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

  function take(line: string): string | null {
    const parsed = parseNeighbour(line)
    if (!parsed) return null
    const key = keyOf(parsed)
    if (!watched.has(key)) return null
    return note(key, parsed.mac, Date.now()) ? parsed.address : null
  }

  const reported = new Set<string>()
  async function ask(): Promise<void> {
    const now = Date.now()
    const probes: string[] = []
    for (const [key, { address, interface: iface }] of watched) {
      const entry = entries.get(key)
      if (entry?.mac && entry.failedSince === null) probes.push(`neigh change ${address} dev ${iface} nud probe`)
      else sockets[familyOf(address)].send(Buffer.alloc(1), 9, address)
      if (isLost(entry, now) && !reported.has(key)) {
        reported.add(key)
        changed([address])
      } else if (!isLost(entry, now)) reported.delete(key)
    }
    if (probes.length > 0) await run('ip', ['-force', '-batch', '-'], { input: `${probes.join('\n')}\n`, okCodes: [0, 1, 2] })
  }

  const timer = setInterval(() => void ask().catch((error: unknown) => log.warn({ error: String(error) }, 'asking for neighbours failed')), askEveryMs)

  async function resync(): Promise<void> {
    const text = await run('ip', ['-o', 'neigh', 'show'])
    const addresses = text.split('\n').flatMap((line) => take(line) ?? [])
    if (addresses.length > 0) changed(addresses)
  }

  return {
    macOf: (one) => {
      const entry = entries.get(keyOf(one))
      return { mac: entry?.mac ?? null, lost: isLost(entry, Date.now()) }
    },
    watch: (list) => {
      const next = new Map(list.map((one) => [keyOf(one), one]))
      const added = [...next].filter(([key]) => !watched.has(key)).map(([, one]) => one)
      watched = next
      for (const key of entries.keys()) if (!next.has(key)) entries.delete(key)
      if (added.length === 0) return
      for (const iface of new Set(added.map((one) => one.interface))) {
        if (tuned.has(iface)) continue
        tuned.add(iface)
        void hurry(iface, log)
      }
      void resync()
        .then(() => added.filter((one) => !entries.get(keyOf(one))?.mac).forEach((one) => sockets[familyOf(one.address)].send(Buffer.alloc(1), 9, one.address)))
        .catch((error: unknown) => log.warn({ error: String(error) }, 'reading the neighbour table failed'))
    },
    event: (line) => {
      const address = take(line)
      if (address) changed([address])
    },
    resync,
    settle: async (ms) => {
      for (const end = Date.now() + ms; Date.now() < end; ) {
        if ([...watched.keys()].every((key) => entries.get(key)?.mac)) return
        await new Promise((resolve) => setTimeout(resolve, 20))
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

/** Lets the kernel give up on an old MAC after one unanswered question of 250 ms and then ask everybody (ip-sysctl, arp(7)). */
async function hurry(iface: string, log: Log): Promise<void> {
  const values = { ucast_solicit: '1', mcast_resolicit: '3', retrans_time_ms: '250' }
  for (const family of ['ipv4', 'ipv6']) {
    for (const [key, value] of Object.entries(values)) {
      const path = `/proc/sys/net/${family}/neigh/${iface}/${key}`
      try {
        if ((await readFile(path, 'utf8')).trim() !== value) await writeFile(path, value)
      } catch (error) {
        log.warn({ path, error: String(error) }, 'a neighbour setting could not be changed; a replaced network card is noticed later')
      }
    }
  }
}
