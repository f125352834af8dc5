import type { NftlbFarm } from '#lib/render/nftlb.ts'
import type { DispatchEntry } from './dispatch.ts'
import type { Id } from './names.ts'
import type { Shape } from './shape.ts'

/** Whoever a packet of a farm may be sent to. `mac` is null for one that is gone: its packets are refused. */
export type Owner = { address: string; mac: string | null }

/**
 * A slot whose connections are not all on the owner that new ones get. `owner` has those from before the first change, `until`
 * is when they are given up (ms of the agent's monotonic clock). `mixed` is true when the slot changed more than once, so that
 * connections begun meanwhile may be with a third.
 */
export type Lingering = { owner: Id; until: number; mixed: boolean }

/** What the kernel has of one farm. */
export type Held = {
  /** The JSON that led here; null when the farm was found in the kernel and nobody has asked for it yet. */
  farm: NftlbFarm | null
  shape: Shape
  id: Id
  owners: ReadonlyMap<Id, Owner>
  /** Slot → owner for new connections; 0 for nobody. */
  now: Uint32Array
  /** The slots in handover. */
  lingering: ReadonlyMap<number, Lingering>
}

/** What the kernel has in all. Interfaces have the MAC address that their frames carry. */
export type Mirror = {
  exists: boolean
  farms: Map<string, Held>
  devices: Map<string, string>
  /** `map key` → where it leads. */
  dispatch: Map<string, DispatchEntry>
  /** Who has an id, as `farm address` or `farm`. */
  ids: Map<Id, string>
}

export function emptyMirror(): Mirror {
  return { exists: false, farms: new Map(), devices: new Map(), dispatch: new Map(), ids: new Map() }
}

export function dispatchKey({ map, key }: Pick<DispatchEntry, 'map' | 'key'>): string {
  return `${map} ${key}`
}
