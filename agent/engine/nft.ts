import { run, RunError } from '../run.ts'

/** Time that nft may take, in ms: thousands of farms are brought in at once. */
const patienceMs = 120_000

/** Runs nft with `input` on its standard input; null when what it was asked for does not exist. Throws RunError for everything else. */
export async function nft(args: readonly string[], input?: string): Promise<string | null> {
  try {
    return await run('nft', args, { timeoutMs: patienceMs, ...(input === undefined ? {} : { input }) })
  } catch (error) {
    if (error instanceof RunError && error.failure.kind === 'exit' && /No such file or directory/.test(error.failure.stderr)) return null
    throw error
  }
}

/** Puts a script into the kernel as one transaction. Throws RunError, also when it names what does not exist. `started` hears the process id. */
export async function nftScript(path: string, started?: (pid: number) => void): Promise<void> {
  await run('nft', ['-f', path], { timeoutMs: patienceMs, ...(started ? { started } : {}) })
}

/** A field of something that may be an object: what nft prints as JSON has no schema worth trusting. */
export function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}
