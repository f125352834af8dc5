import type { Fault } from '#lib/domain/fault.ts'
import type { Step } from '#lib/domain/plan.ts'
import type { EngineName, EngineState, Handover } from '#lib/domain/status.ts'
import type { NftlbFarm } from '#lib/render/nftlb.ts'

/** A step of an engine's plan: what people read, and what the engine itself needs to carry it out. */
export type EngineStep<Work = unknown> = Step & { work: Work }

/** A difference between a farm's JSON and the kernel, in words. `farm` is the engine's name of it; null when it concerns all. */
export type Mismatch = { farm: string | null; detail: string }

/** Some farms are not in force, and all others are. `farms` are the engine's own names. */
export class NotApplied extends Error {
  readonly farms: readonly string[]

  constructor(farms: readonly string[], cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.farms = farms
  }
}

/** Totals of one backend, client to backend, since the engine knows it. `name` is the engine's (b_…); bytes of IP packets; connections are TCP openings. */
export type BackendCounters = { name: string; packets: number; bytes: number; connections: number }

/**
 * Totals of one farm under the engine's name (f_…): those of its backends and of backends removed meanwhile. `unsent` counts
 * packets that no backend could get. Totals may start again from 0 when the farm is made anew or the machine starts.
 */
export type EngineCounters = { farm: string; packets: number; bytes: number; connections: number; unsent: number; backends: BackendCounters[] }

/**
 * What turns nftlb-compatible JSON into kernel rules. `plan` is pure; `apply` carries out one step; `verify` reads the
 * kernel back. Nothing outside an engine's folder knows how it does this.
 */
export type Engine = {
  /** Brings the engine up with these farms in force, without a moment in which the kernel has fewer of them than before. Throws NotApplied when some are not. */
  start: (wanted: readonly NftlbFarm[]) => Promise<void>
  /** The steps from one set of farms to another. Farms that are in neither list are left alone. */
  plan: (current: readonly NftlbFarm[], wanted: readonly NftlbFarm[]) => EngineStep[]
  apply: (step: EngineStep) => Promise<void>
  /** Compares the named farms with the kernel (present as `current` has them, or gone), or everything there is. */
  verify: (names: readonly string[] | 'all') => Promise<Mismatch[]>
  /** Puts the kernel right whatever its state is, with these farms in force. Throws NotApplied when some are not. */
  repair: (wanted: readonly NftlbFarm[]) => Promise<void>
  /** Farms that the engine could not take, by its own name, with the reason; they are left out so that the others work. */
  rejected: () => ReadonlyMap<string, string>
  /** The farm that the engine has in force under a name. */
  held: (name: string) => NftlbFarm | null
  /** Which engine has a farm of this name in force. */
  holder: (name: string) => EngineName | null
  /** The handover of a farm: which of its slots still have connections on an old owner; null when there is none. */
  handover: (name: string) => Handover | null
  /** What every farm that this engine serves has sent to its backends so far. Never changes what the kernel does with a packet. */
  counters: () => Promise<EngineCounters[]>
  /** Where the rules of a farm in the kernel send to, as it is now: MAC addresses, or IP addresses in the modes that translate them. Empty when its rules are not whole. */
  targets: (farm: NftlbFarm) => Promise<ReadonlySet<string>>
  /** The kernel's rules of one farm as text. */
  ruleset: (farm: NftlbFarm) => Promise<string>
  /** `running` is false while changes cannot be taken; `engines` are the programs behind it. */
  state: () => { running: boolean; engines: EngineState[]; faults: Fault[] }
  /** Ends the engine's own process; the rules stay in the kernel. */
  stop: () => Promise<void>
}
