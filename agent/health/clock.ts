/** When something was, given in ms of performance.now(), as ms since 1970. */
export function wallTime(at: number): number {
  return Math.round(Date.now() - (performance.now() - at))
}

/** The other way around. */
export function monotonicTime(wall: number): number {
  return performance.now() - (Date.now() - wall)
}
