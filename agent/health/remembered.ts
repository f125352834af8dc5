import { join } from 'node:path'
import { z } from 'zod'
import { readIfThere, writeDurably } from '../durable.ts'
import type { Log } from '../log.ts'

/** An address that did not answer: the id of its probe, since when its backend is unhealthy, and what was seen. */
export type Failing = { id: string; since: string; failure: string }

/** The addresses that do not answer, kept over a restart: a new agent must not send clients where the last one knew that nobody answers. */
export type Remembered = {
  /** What is known of a probe from before the start; once, and only in the first minute. */
  recall: (id: string) => Failing | null
  /** Notes what the function answers then; many calls at once cost one writing. */
  save: (failing: () => readonly Failing[]) => void
  /** Waits until all is written. */
  settle: () => Promise<void>
}

const recallMs = 60_000

const fileSchema = z.array(z.strictObject({ id: z.string(), since: z.iso.datetime(), failure: z.string() }))

/** Reads the file of the last agent, if there is one that can be read. */
export async function openRemembered(folder: string, log: Log): Promise<Remembered> {
  const path = join(folder, 'unhealthy.json')
  const before = new Map(parseFile(await readIfThere(path)).map((one) => [one.id, one]))
  const opened = performance.now()
  let next: (() => readonly Failing[]) | null = null
  let writing: Promise<void> | null = null

  async function write(): Promise<void> {
    while (next) {
      await Promise.resolve()
      // What was not asked for yet is not answered yet either.
      const text = JSON.stringify([...before.values(), ...next()])
      next = null
      await writeDurably(path, text).catch((error: unknown) => log.warn({ error: String(error) }, 'who is unhealthy could not be noted; a restart would not know'))
    }
    writing = null
  }

  return {
    recall: (id) => {
      if (performance.now() - opened > recallMs) before.clear()
      const found = before.get(id) ?? null
      before.delete(id)
      return found
    },
    save: (failing) => {
      next = failing
      writing ??= write()
    },
    settle: async () => writing ?? undefined,
  }
}

function parseFile(text: string | null): Failing[] {
  try {
    return fileSchema.parse(JSON.parse(text ?? '[]'))
  } catch {
    return []
  }
}
