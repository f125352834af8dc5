import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { desiredChangeSchema, desiredSchema, type Desired, type DesiredChange } from '#lib/domain/desired.ts'
import type { Farm } from '#lib/domain/farm.ts'
import { appendDurably, privateFolder, readIfThere, writeDurably } from './durable.ts'

/** The wanted document in memory; `farms` by name. */
export type Wanted = { generation: number; farms: Map<string, Farm> }

export type Store = {
  wanted: Wanted
  /** False until a document was ever stored: then the kernel is left as it is, because nobody said what is wanted. */
  known: () => boolean
  /** Replaces the whole document. Answers the names of the farms that differ. */
  replace: (desired: Desired) => Promise<Set<string>>
  /** Applies a change on top of its base; null when the base is another generation. */
  change: (change: DesiredChange) => Promise<Set<string> | null>
}

const compactAfter = 500

/**
 * The last good document on disk, from which the agent boots without the console: a snapshot and a log of the changes
 * since. Each change costs one appended line, however many farms there are; a torn last line is dropped.
 */
export async function openStore(folder: string): Promise<Store> {
  await privateFolder(folder)
  const snapshotPath = join(folder, 'last-good.json')
  const logPath = join(folder, 'last-good.log')
  const loaded = await load(snapshotPath, logPath)
  const wanted = loaded ?? { generation: 0, farms: new Map<string, Farm>() }
  let known = loaded !== null
  let logged = 0
  let tail: Promise<unknown> = Promise.resolve()
  if (known) await compact()

  /** One write at a time: two changes on the same base must not both be accepted. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = tail.then(work)
    tail = result.catch(() => undefined)
    return result
  }

  async function compact(): Promise<void> {
    await writeDurably(snapshotPath, JSON.stringify({ generation: wanted.generation, farms: [...wanted.farms.values()] }))
    await writeDurably(logPath, '')
    logged = 0
  }

  return {
    wanted,
    known: () => known,
    replace: (desired) => inTurn(async () => {
      const names = new Set<string>()
      const next = new Map(desired.farms.map((farm) => [farm.name, farm]))
      for (const name of [...wanted.farms.keys(), ...next.keys()]) {
        if (JSON.stringify(wanted.farms.get(name)) !== JSON.stringify(next.get(name))) names.add(name)
      }
      await writeDurably(snapshotPath, JSON.stringify(desired))
      await writeDurably(logPath, '')
      logged = 0
      wanted.generation = desired.generation
      wanted.farms = next
      known = true
      return names
    }),
    change: (change) => inTurn(async () => {
      if (change.base !== wanted.generation) return null
      await appendDurably(logPath, JSON.stringify(change))
      apply(wanted, change)
      known = true
      // The change is on disk and in memory already: when this fails (a full disk), the log only stays longer.
      if (++logged >= compactAfter) await compact().catch(() => undefined)
      return new Set([...change.put.map((farm) => farm.name), ...change.remove])
    }),
  }
}

/** Reads snapshot and log; null when there is none or it is unreadable, which is kept aside for a look. */
async function load(snapshotPath: string, logPath: string): Promise<Wanted | null> {
  const text = await readIfThere(snapshotPath)
  const lines = ((await readIfThere(logPath)) ?? '').split('\n')
  const wanted: Wanted = { generation: 0, farms: new Map() }
  if (text !== null) {
    const snapshot = parseSnapshot(text)
    if (!snapshot) {
      await rename(snapshotPath, `${snapshotPath}.unreadable`)
      return null
    }
    wanted.generation = snapshot.generation
    wanted.farms = new Map(snapshot.farms.map((farm) => [farm.name, farm]))
  }
  const changes = lines.flatMap((line) => parseLine(line) ?? [])
  for (const change of changes) if (change.base === wanted.generation) apply(wanted, change)
  return text === null && changes.length === 0 ? null : wanted
}

function parseSnapshot(text: string): Desired | null {
  try {
    return desiredSchema.parse(JSON.parse(text))
  } catch {
    return null
  }
}

function parseLine(line: string): DesiredChange | null {
  if (line === '') return null
  try {
    return desiredChangeSchema.parse(JSON.parse(line))
  } catch {
    return null
  }
}

/** Puts a change into the document in memory. */
export function apply(wanted: Wanted, change: DesiredChange): void {
  for (const name of change.remove) wanted.farms.delete(name)
  for (const farm of change.put) wanted.farms.set(farm.name, farm)
  wanted.generation = change.generation
}
