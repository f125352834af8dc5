/** Texts that several may need, and which of them came and went. */
export type Tally = {
  need: (text: string) => void
  spare: (text: string) => void
  all: () => string[]
  /** What is needed now and was not at the last call, and the other way round. */
  changes: () => { added: string[]; removed: string[] }
}

export function openTally(): Tally {
  const counts = new Map<string, number>()
  const before = new Map<string, boolean>()

  function count(text: string, by: 1 | -1): void {
    const now = counts.get(text) ?? 0
    if (!before.has(text)) before.set(text, now > 0)
    if (now + by > 0) counts.set(text, now + by)
    else counts.delete(text)
  }

  return {
    need: (text) => count(text, 1),
    spare: (text) => count(text, -1),
    all: () => [...counts.keys()],
    changes: () => {
      const added = [...before].filter(([text, was]) => !was && counts.has(text)).map(([text]) => text)
      const removed = [...before].filter(([text, was]) => was && !counts.has(text)).map(([text]) => text)
      before.clear()
      return { added, removed }
    },
  }
}
