import { singleton } from './singleton.ts'

/** A run that this process works at: the farms that it has yet to answer for, how to stop it, and when it has ended. */
export type LiveRun = { waiting: Set<string>; stop: AbortController; ended: Promise<void> }

/** The runs under way by their id. A run that is not in here and has not ended was interrupted. */
export function liveRuns(): Map<number, LiveRun> {
  return singleton('doctor-runs', () => new Map<number, LiveRun>())
}

/** Stops every run where it is. What was found is kept; when this returns none of them uses the database any more. */
export async function haltRuns(): Promise<void> {
  const runs = [...liveRuns().values()]
  for (const { stop } of runs) stop.abort()
  await Promise.all(runs.map(({ ended }) => ended))
}
