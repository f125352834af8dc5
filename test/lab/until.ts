import { setTimeout as wait } from 'node:timers/promises'

/**
 * Asks until the answer is neither null, undefined nor false, and returns it. Throws with what was waited for, and with the
 * last error, when it takes longer than `timeoutMs`.
 */
export async function until<T>(what: string, ask: () => Promise<T | null | undefined | false> | T | null | undefined | false, timeoutMs = 15_000, everyMs = 50): Promise<T> {
  const deadline = performance.now() + timeoutMs
  let last: unknown = null
  while (performance.now() < deadline) {
    try {
      const answer = await ask()
      if (answer !== null && answer !== undefined && answer !== false) return answer
    } catch (error) {
      last = error
    }
    await wait(everyMs)
  }
  throw new Error(`Waited ${timeoutMs} ms in vain: ${what}${last ? ` (${String(last)})` : ''}`)
}
