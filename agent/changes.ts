/** A number that grows with every change, and people who wait for it. */
export type Changes = {
  version: () => number
  bump: () => void
  /** Resolves when the version differs from `seen`, or after `ms`. */
  wait: (seen: number, ms: number) => Promise<void>
}

/** Makes the counter behind the long poll. */
export function countChanges(): Changes {
  let version = 1
  let waiting: Array<() => void> = []
  return {
    version: () => version,
    bump: () => {
      version++
      const wake = waiting
      waiting = []
      wake.forEach((one) => one())
    },
    wait: (seen, ms) =>
      new Promise((resolve) => {
        if (version !== seen) return resolve()
        const timer = setTimeout(done, ms)
        function done(): void {
          clearTimeout(timer)
          waiting = waiting.filter((one) => one !== done)
          resolve()
        }
        waiting.push(done)
      }),
  }
}
