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
 * cost the same however many there are, and nothing runs before the next bucket with an item is over. `due` gets an item once, at
 * its time or shortly after.
 */
export function turnWheel<T>(due: (item: T, at: number) => void): Wheel<T> {
  const rim: Array<Map<T, number>> = Array.from({ length: buckets }, () => new Map())
  const places = new Map<T, Map<T, number>>()
  let timer: NodeJS.Timeout | null = null
  let turning = false
  /** The bucket to look at first, and the one whose end the timer waits for. */
  let next = 0
  let awaited = Infinity

  function remove(item: T): void {
    places.get(item)?.delete(item)
    places.delete(item)
  }

  function turn(): void {
    stop()
    turning = true
    const now = performance.now()
    const last = bucketOf(now)
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
    turning = false
    if (places.size > 0) waitFor(firstTaken())
  }

  function firstTaken(): number {
    let bucket = next
    while (rim[bucket % buckets]?.size === 0) bucket++
    return bucket
  }

  function waitFor(bucket: number): void {
    stop()
    awaited = bucket
    timer = setTimeout(turn, Math.max(1, Math.ceil((bucket + 1) * tickMs - performance.now())))
  }

  function stop(): void {
    if (timer) clearTimeout(timer)
    timer = null
    awaited = Infinity
  }

  return {
    set: (item, at) => {
      remove(item)
      if (!timer && !turning) next = bucketOf(performance.now())
      const bucket = Math.max(bucketOf(at), next)
      const place = rim[bucket % buckets]
      if (!place) return
      place.set(item, at)
      places.set(item, place)
      if (bucket < awaited && !turning) waitFor(bucket)
    },
    remove,
    stop,
  }
}

function bucketOf(at: number): number {
  return Math.floor(at / tickMs)
}
