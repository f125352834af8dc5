import { familyOf } from '#lib/domain/address.ts'
import type { Fault } from '#lib/domain/fault.ts'
import { nft } from '../engine/nft.ts'
import type { Log } from '../log.ts'
import { run } from '../run.ts'
import { parseHearing, type Hearing } from './hearing.ts'
import { askedSet, changeSet, dropChain, filledSets, frameRules, listenRules, table, watchRules, type FilledSet } from './rules.ts'
import type { Who } from './who.ts'
import { isCurrent, leakFaults, remember, type Spoken } from './words.ts'

/** Where VIPs are, and which of the appliance's own addresses are beside them. */
export type Place = { interfaces: ReadonlyArray<{ name: string; addresses: readonly string[] }>; vips: readonly string[] }

export type Ear = {
  /** Listens for replies that come to the appliance from now on, until `end` is called; `before` is what was heard until then. */
  watch: () => Promise<{ before: Hearing; end: () => void }>
  /** Lets the kernel note who answers for these backends in the next seconds. */
  expect: (addresses: readonly string[]) => Promise<void>
  /** What the kernel has heard until now. */
  read: () => Promise<Hearing>
  /** Who spoke in the name of a VIP in the last hours, and since when that is listened for, in ms of performance.now(). */
  spoken: () => readonly Spoken[]
  since: () => number | null
  faults: () => Fault[]
  stop: () => Promise<void>
}

/** How often the table is looked at, in ms. */
const lookEveryMs = 5000

/**
 * Hears who speaks ARP or NDP in the name of a VIP. The kernel notes it in sets of an own table, which is looked at every few seconds
 * and put right when it is not as it should be. What a killed agent left is removed first.
 */
export function openEar(place: () => Place, who: () => Who, changed: () => void, log: Log): Ear {
  let words: readonly Spoken[] = []
  let watching = 0
  let since: number | null = null
  let last: Promise<unknown> = Promise.resolve()
  let [complained, stopped] = [false, false]

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = last.then(work)
    last = mine.catch(() => undefined)
    return mine
  }

  async function list(): Promise<Hearing | null> {
    return parseHearing(await nft(['-j', 'list', 'table', 'netdev', table]), performance.now())
  }

  /** Brings the table in line with the farms and answers what it had heard. */
  async function look(): Promise<Hearing> {
    if (stopped) return nothing
    const { interfaces, vips } = place()
    const there = await list()
    if (vips.length === 0) {
      if (there) await nft(['delete', 'table', 'netdev', table])
      since = null
      return there ?? nothing
    }
    const script = [
      ...(there ? [] : [frameRules()]),
      ...differences(there?.sets ?? new Map<string, string[]>(), members(interfaces, vips)),
      ...hooks(there?.chains ?? new Set<string>(), interfaces.map(({ name }) => name), watching > 0),
    ].join('')
    if (script !== '') await run('nft', ['-f', '-'], { input: script })
    if (!there || since === null) since = performance.now()
    if (there) note(there, new Set(vips))
    return there ?? nothing
  }

  function note({ answers, asks }: Hearing, vips: ReadonlySet<string>): void {
    const before = current()
    const heard = [...answers.map((word) => ({ ...word, what: 'answer' as const })), ...asks.map((word) => ({ ...word, what: 'question' as const }))]
    const ofVips = ({ address }: Spoken): boolean => vips.has(address)
    words = remember(words.filter(ofVips), heard.filter(ofVips), performance.now())
    if (current() !== before) changed()
  }

  function current(): number {
    const now = performance.now()
    return words.filter((word) => isCurrent(word, now)).length
  }

  function refresh(): Promise<Hearing> {
    return inTurn(look)
  }

  const removed = inTurn(() => nft(['delete', 'table', 'netdev', table]))
  removed.catch((error: unknown) => log.warn({ error: String(error) }, 'what an agent before left could not be removed'))
  const timer = setInterval(() => {
    refresh().then(
      () => (complained = false),
      (error: unknown) => {
        if (!complained) log.warn({ error: String(error) }, 'listening for who speaks in the name of VIPs failed')
        complained = true
      },
    )
  }, lookEveryMs)

  return {
    watch: async () => {
      watching += 1
      // The hooks go with the next look: another examination may need them before.
      const end = (): void => void (watching -= 1)
      return refresh().then((before) => ({ before, end }), (error: unknown) => {
        end()
        throw error
      })
    },
    expect: async (addresses) => {
      // What is there already would end in its own time.
      const script = (['asked4', 'asked6'] as const).flatMap((set) => (['add', 'delete', 'add'] as const).map((verb) => changeSet(verb, set, addresses.filter((address) => askedSet(address) === set)))).join('')
      if (script === '') return
      await inTurn(async () => {
        // The table may have gone since it was listened for.
        await look()
        if (place().vips.length === 0) throw new Error('no farm has a VIP any more')
        await run('nft', ['-f', '-'], { input: script })
      })
    },
    read: refresh,
    spoken: () => words,
    since: () => since,
    faults: () => leakFaults(words, performance.now(), who),
    stop: async () => {
      clearInterval(timer)
      stopped = true
      await inTurn(() => nft(['delete', 'table', 'netdev', table])).catch(() => undefined)
    },
  }
}

const nothing: Hearing = { chains: new Set(), sets: new Map(), answers: [], asks: [], returned: new Map(), strays: new Map() }

/** What each set should have. */
function members(interfaces: Place['interfaces'], vips: readonly string[]): Record<FilledSet, readonly string[]> {
  const own = interfaces.flatMap(({ addresses }) => addresses)
  const of = (list: readonly string[], family: 'ipv4' | 'ipv6'): string[] => [...new Set(list)].filter((address) => familyOf(address) === family)
  return { vips4: of(vips, 'ipv4'), vips6: of(vips, 'ipv6'), targets6: of(vips, 'ipv6'), own4: of(own, 'ipv4'), own6: of(own, 'ipv6') }
}

function differences(there: ReadonlyMap<string, readonly string[]>, wanted: Record<FilledSet, readonly string[]>): string[] {
  return filledSets.flatMap((set) => {
    const [before, after] = [new Set(there.get(set)), new Set(wanted[set])]
    return [changeSet('delete', set, [...before].filter((one) => !after.has(one))), changeSet('add', set, [...after].filter((one) => !before.has(one)))]
  })
}

/** The hooks that are missing, and those that nobody needs. */
function hooks(there: ReadonlySet<string>, interfaces: readonly string[], watching: boolean): string[] {
  const wanted = new Map<string, string>(interfaces.flatMap((iface) => [[`on-${iface}`, listenRules(iface)] as const, ...(watching ? [[`away-${iface}`, watchRules(iface)] as const] : [])]))
  const idle = [...there].filter((chain) => /^(on|away)-/.test(chain) && !wanted.has(chain))
  return [...idle.map(dropChain), ...[...wanted].filter(([chain]) => !there.has(chain)).map(([, rules]) => rules)]
}
