import { hash32, mix32 } from '#lib/domain/hash.ts'
import type { Id } from './names.ts'

/** The comment by which an id is recognised in the kernel: `f_web 203.0.113.21`, or `f_web` for the farm itself. */
export function ownerText(farm: string, address: string | null): string {
  return address === null ? farm : `${farm} ${address}`
}

/** The id of an owner: a hash of its text, and the next free one in the rare case that another owner has that. */
export function idOf(text: string, taken: Pick<ReadonlyMap<Id, string>, 'get'>): Id {
  for (let id = hash32(text); ; id = mix32(id + 1)) {
    const owner = taken.get(id)
    if (id !== 0 && (owner === undefined || owner === text)) return id
  }
}
