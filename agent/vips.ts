import { join } from 'node:path'
import { readFile, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { familyOf, hostPrefix } from '#lib/domain/address.ts'
import { mapAtMost } from './at-most.ts'
import { readIfThere, writeDurably } from './durable.ts'
import type { Placed } from './links.ts'
import type { Log } from './log.ts'
import { run, RunError } from './run.ts'

export type Vip = { address: string; interface: string }

export type Vips = {
  /** True for an address that the agent added, so that it is not mistaken for one of the machine's own. */
  isOurs: (placed: { address: string; interface: string; prefix: number }) => boolean
  /** Adds what is missing, announces it, and answers what it added. An address that the kernel refuses does not hold up the others. */
  add: (wanted: readonly Vip[], placed: readonly Placed[]) => Promise<Placed[]>
  /** Adds again what the kernel keeps and does not use because another machine answered for it; it asks the network anew. */
  retry: (placed: readonly Placed[]) => Promise<void>
  /** Announces what the agent added to these interfaces: whoever was not connected with them has missed it. */
  announceOn: (interfaces: readonly string[]) => void
  /** Removes addresses that the agent added and that are not in `keep`. */
  removeOthers: (keep: readonly Vip[]) => Promise<void>
  /** The same for those that `keep` has on another interface: the engine takes the first interface that carries a VIP for its own. */
  removeMoved: (keep: readonly Vip[]) => Promise<void>
  /** Other machines that answer for a VIP: address → MAC. */
  conflicts: () => ReadonlyMap<string, string>
  /** VIPs that could not be added, with the reason. */
  refused: () => ReadonlyArray<Vip & { reason: string }>
}

const fileSchema = z.array(z.object({ address: z.string(), interface: z.string() }))

/** VIPs that are announced at the same time after an interface came up. */
const announcedAtOnce = 32

/** How often a VIP that another machine answers for is asked about again, in ms. */
const recheckMs = 10_000

/**
 * The VIPs on the machine's interfaces. What the agent adds it notes on disk first, so that after a crash it still knows
 * which addresses are its own; it never removes another.
 */
export async function openVips(folder: string, log: Log, changed: () => void): Promise<Vips> {
  const path = join(folder, 'vips.json')
  const text = await readIfThere(path)
  const ours = new Map((text === null ? [] : parseFile(text)).map((vip) => [keyOf(vip), vip]))
  const conflicts = new Map<string, string>()
  const refused = new Map<string, Vip & { reason: string }>()

  const save = (): Promise<void> => writeDurably(path, JSON.stringify([...ours.values()]))

  async function announce(vip: Vip): Promise<void> {
    if (familyOf(vip.address) === 'ipv6') return
    const told = run('arping', ['-U', '-c', '3', '-i', '1', '-w', '4', '-I', vip.interface, vip.address], { okCodes: [0, 1] }).catch((error: unknown) => {
      log.warn({ vip: vip.address, error: String(error) }, 'gratuitous ARP failed')
    })
    await Promise.all([told, contest(vip)])
  }

  /** Duplicate address detection (RFC 5227): asks who has the VIP and notes a MAC that is not ours. */
  async function contest(vip: Vip): Promise<void> {
    try {
      const answer = await run('arping', ['-D', '-c', '2', '-w', '2', '-I', vip.interface, vip.address], { okCodes: [0, 1] })
      const mac = /\[([0-9A-Fa-f:]{17})\]/.exec(answer)?.[1]?.toLowerCase() ?? null
      const before = conflicts.get(vip.address) ?? null
      if (!ours.has(keyOf(vip))) return
      if (mac) conflicts.set(vip.address, mac)
      else conflicts.delete(vip.address)
      if (mac !== before) changed()
      if (mac) setTimeout(() => void contest(vip), recheckMs).unref()
    } catch (error) {
      log.warn({ vip: vip.address, error: String(error) }, 'asking whether another machine has the VIP failed')
    }
  }

  async function tryToAdd(vip: Vip): Promise<boolean> {
    try {
      await add(vip)
      refused.delete(keyOf(vip))
      return true
    } catch (error) {
      refused.set(keyOf(vip), { ...vip, reason: error instanceof RunError ? error.failure.stderr.trim().slice(0, 200) || error.message : String(error) })
      return false
    }
  }

  async function add(vip: Vip): Promise<void> {
    const six = familyOf(vip.address) === 'ipv6'
    // preferred_lft 0 keeps an IPv6 VIP from being chosen as a source address (RFC 6724 rule 3).
    const args = [...(six ? ['-6'] : []), 'addr', 'add', `${vip.address}/${hostPrefix(vip.address)}`, 'dev', vip.interface, ...(six ? ['preferred_lft', '0'] : [])]
    if (six) await notifyNeighbours(vip.interface, log)
    try {
      await run('ip', args)
    } catch (error) {
      if (!(error instanceof RunError && /File exists|already assigned/.test(error.failure.stderr))) throw error
    }
    void announce(vip)
  }

  async function remove(gone: readonly Vip[]): Promise<void> {
    if (gone.length === 0) return
    for (const vip of gone) {
      await run('ip', ['addr', 'del', `${vip.address}/${hostPrefix(vip.address)}`, 'dev', vip.interface], { okCodes: [0, 1, 2] })
      ours.delete(keyOf(vip))
      conflicts.delete(vip.address)
      refused.delete(keyOf(vip))
    }
    await save()
  }

  function notIn(keep: readonly Vip[]): Vip[] {
    const kept = new Set(keep.map(keyOf))
    return [...ours.values()].filter((vip) => !kept.has(keyOf(vip)))
  }

  return {
    isOurs: (placed) => placed.prefix === hostPrefix(placed.address) && ours.has(keyOf(placed)),
    conflicts: () => conflicts,
    refused: () => [...refused.values()],
    add: async (wanted, placed) => {
      const there = new Set(placed.map(keyOf))
      const missing = wanted.filter((vip) => !there.has(keyOf(vip)))
      if (missing.length === 0) return []
      const unknown = missing.filter((vip) => !ours.has(keyOf(vip)))
      for (const vip of unknown) ours.set(keyOf(vip), vip)
      if (unknown.length > 0) await save()
      const added: Vip[] = []
      for (const vip of missing) if (await tryToAdd(vip)) added.push(vip)
      return added.map((vip) => ({ ...vip, prefix: hostPrefix(vip.address), duplicate: false }))
    },
    retry: async (placed) => {
      for (const vip of placed.filter((one) => one.duplicate && ours.has(keyOf(one)))) {
        await run('ip', ['-6', 'addr', 'del', `${vip.address}/${vip.prefix}`, 'dev', vip.interface], { okCodes: [0, 1, 2] })
        await tryToAdd(vip)
      }
    },
    announceOn: (interfaces) => {
      const there = [...ours.values()].filter((vip) => interfaces.includes(vip.interface))
      void mapAtMost(announcedAtOnce, there, announce)
    },
    removeOthers: (keep) => remove(notIn(keep)),
    removeMoved: (keep) => {
      const wanted = new Set(keep.map(({ address }) => address))
      return remove(notIn(keep).filter(({ address }) => wanted.has(address)))
    },
  }
}

function keyOf({ address, interface: iface }: Vip): string {
  return `${address} ${iface}`
}

function parseFile(text: string): Vip[] {
  try {
    return fileSchema.parse(JSON.parse(text))
  } catch {
    return []
  }
}

/** Makes the kernel send an unsolicited neighbour advertisement when duplicate detection has passed (ip-sysctl: ndisc_notify). */
async function notifyNeighbours(iface: string, log: Log): Promise<void> {
  const path = `/proc/sys/net/ipv6/conf/${iface}/ndisc_notify`
  try {
    if ((await readFile(path, 'utf8')).trim() !== '1') await writeFile(path, '1')
  } catch (error) {
    log.warn({ path, error: String(error) }, 'a new IPv6 VIP is not announced')
  }
}
