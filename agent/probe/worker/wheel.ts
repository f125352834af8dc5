/** Things that wait for their time, in ms of a clock that never jumps. */
export type Wheel<T> = {
  /** Adds an item or moves it to another time. */
  set: (item: T, at: number) => void
  remove: (item: T) => void
  stop: () => void
}

/** Resolution of the wheel, in ms; with 512 buckets one turn takes about ten seconds. */
const tickMs = 20
const buckets = 512

/**
 * One timer for all items: each lies in the bucket of its time, and what is due in a later turn stays there. Adding and taking out
 * cost the same however many there are. `due` gets an item once, at its time or shortly after.
 */
export function turnWheel<T>(due: (item: T, at: number) => void): Wheel<T> {
  const rim: Array<Map<T, number>> = Array.from({ length: buckets }, () => new Map())
  const places = new Map<T, Map<T, number>>()
  let timer: NodeJS.Timeout | null = null
  let next = 0

  function remove(item: T): void {
    places.get(item)?.delete(item)
    places.delete(item)
  }

  function turn(): void {
    const now = performance.now()
    const last = Math.floor(now / tickMs)
    // After a long pause every bucket is looked at once.
    for (next = Math.max(next, last - buckets + 1); ; next++) {
      for (const [item, at] of rim[next % buckets] ?? []) {
        if (at > now) continue
        remove(item)
        due(item, at)
      }
      // The bucket of this moment may still get items.
      if (next >= last) break
    }
    if (places.size === 0) stop()
  }

  function stop(): void {
    if (timer) clearInterval(timer)
    timer = null
  }

  return {
    set: (item, at) => {
      remove(item)
      if (!timer) {
        timer = setInterval(turn, tickMs)
        next = Math.floor(performance.now() / tickMs)
      }
      const place = rim[Math.max(Math.floor(at / tickMs), next) % buckets]
      place?.set(item, at)
      if (place) places.set(item, place)
    },
    remove,
    stop,
  }
}
