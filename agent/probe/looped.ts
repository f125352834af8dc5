import { z } from 'zod'
import { nft } from '../engine/nft.ts'
import { loopedSeconds, table } from './rules.ts'

/** A probe to a VIP that this MAC sent back to the appliance; `at` is when that happened last, by performance.now(), to a second. */
export type Looped = { vip: string; mac: string; at: number }

/** Whether a MAC sent probes to a VIP back since a time, by performance.now(). */
export type HasLooped = (vip: string, mac: string, since: number) => Promise<boolean>

/** The pause between two readings, in ms, however many probes fail. */
const pauseMs = 1000

/** How long a probe may take until it comes back, in ms. */
const returnMs = 200

/** What a probe may have begun earlier than it is known: the kernel's notes are told in seconds, and findings are gathered. */
const slackMs = 2000

const setSchema = z.object({ nftables: z.array(z.object({ set: z.object({ elem: z.array(z.object({ elem: z.object({ val: z.object({ concat: z.tuple([z.string(), z.string()]) }), expires: z.number().default(0) }) })).default([]) }).optional() })) })

/** Reads what the rules have noted; nothing where there are no rules. */
export async function readLooped(): Promise<Looped[]> {
  const found: Looped[] = []
  for (const digit of ['4', '6']) {
    const text = await nft(['-j', 'list', 'set', 'netdev', table, `looped${digit}`])
    const now = performance.now()
    const sets = text === null ? [] : setSchema.parse(JSON.parse(text)).nftables
    for (const { elem } of sets.flatMap(({ set }) => set?.elem ?? [])) {
      const [vip, mac] = elem.val.concat
      found.push({ vip, mac, at: now - (loopedSeconds - elem.expires) * 1000 })
    }
  }
  return found
}

/** One reading serves all that ask until the next may begin, if their probes had time to come back. What cannot be read counts as nothing. */
export function openLooped(read: () => Promise<readonly Looped[]>): HasLooped {
  let last = { begun: -Infinity, found: Promise.resolve<ReadonlyMap<string, number>>(new Map()) }
  let next: Promise<ReadonlyMap<string, number>> | null = null

  async function readNext(): Promise<ReadonlyMap<string, number>> {
    const pause = last.begun + pauseMs - performance.now()
    // Also without a pause the rest comes later: by then `next` is this reading.
    await (pause > 0 ? new Promise((resolve) => setTimeout(resolve, pause)) : undefined)
    next = null
    last = { begun: performance.now(), found: read().then(byPlace, () => new Map()) }
    return last.found
  }

  return async (vip, mac, since) => {
    const found = await (last.begun >= since + returnMs ? last.found : (next ??= readNext()))
    return (found.get(place(vip, mac)) ?? -Infinity) >= since - slackMs
  }
}

const place = (vip: string, mac: string): string => `${vip} ${mac}`
const byPlace = (list: readonly Looped[]): ReadonlyMap<string, number> => new Map(list.map(({ vip, mac, at }) => [place(vip, mac), at]))
