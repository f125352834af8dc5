import { join } from 'node:path'
import { z } from 'zod'
import { readIfThere, writeDurably } from './durable.ts'
import { run } from './run.ts'

/** A neighbour as the kernel files it. */
export type Spot = { address: string; interface: string }

/** A MAC address that the user gave for a backend. */
export type Pin = Spot & { mac: string }

/** What is done to hold exactly the wanted pins: noted on disk, set in the kernel, and released. */
export type PinSteps = { note: Spot[]; set: Pin[]; release: Spot[] }

export type Pins = {
  /**
   * Holds these pins and no others; `held` are the permanent entries of the kernel by `spotKey`, with their MAC. Answers what
   * it released; those addresses are learned anew. Calls are served in their order.
   */
  hold: (wanted: readonly Pin[], held: ReadonlyMap<string, string>) => Promise<Spot[]>
}

const fileSchema = z.array(z.object({ address: z.string(), interface: z.string() }))

/**
 * The MAC addresses that users gave, as permanent entries of the kernel's neighbour table: the engine believes the table
 * more than its own configuration. An entry is noted before it is set, so that after a crash it is known which to release.
 */
export async function openPins(folder: string): Promise<Pins> {
  const path = join(folder, 'pins.json')
  let noted = parseFile(await readIfThere(path))
  let last: Promise<unknown> = Promise.resolve()

  async function save(spots: readonly Spot[]): Promise<void> {
    const plain = spots.map(({ address, interface: iface }) => ({ address, interface: iface }))
    await writeDurably(path, JSON.stringify(plain))
    noted = plain
  }

  async function work(wanted: readonly Pin[], held: ReadonlyMap<string, string>): Promise<Spot[]> {
    const { note, set, release } = pinSteps(wanted, held, noted)
    if (note.length > 0) await save([...noted, ...note])
    const lines = [
      ...release.map((one) => `neigh del ${one.address} dev ${one.interface}`),
      ...set.map((one) => `neigh replace ${one.address} lladdr ${one.mac} dev ${one.interface} nud permanent`),
    ]
    // An interface that is gone took its entries along; what could not be set is seen as not held and tried again.
    if (lines.length > 0) await run('ip', ['-force', '-batch', '-'], { input: `${lines.join('\n')}\n`, okCodes: [0, 1, 2] })
    const gone = new Set(release.map(spotKey))
    if (gone.size > 0) await save(noted.filter((one) => !gone.has(spotKey(one))))
    return release
  }

  return {
    hold: (wanted, held) => {
      const mine = last.catch(() => undefined).then(() => work(wanted, held))
      last = mine
      return mine
    },
  }
}

/** Compares the wanted pins with the kernel and with what was noted. A permanent entry that nobody noted is not ours to release. */
export function pinSteps(wanted: readonly Pin[], held: ReadonlyMap<string, string>, noted: readonly Spot[]): PinSteps {
  const known = new Set(noted.map(spotKey))
  const kept = new Set(wanted.map(spotKey))
  return {
    note: wanted.filter((pin) => !known.has(spotKey(pin))),
    set: wanted.filter((pin) => held.get(spotKey(pin)) !== pin.mac),
    release: noted.filter((spot) => !kept.has(spotKey(spot))),
  }
}

export function spotKey({ address, interface: iface }: Spot): string {
  return `${address} ${iface}`
}

function parseFile(text: string | null): readonly Spot[] {
  try {
    return text === null ? [] : fileSchema.parse(JSON.parse(text))
  } catch {
    return []
  }
}
