import { hash32, mix32 } from '#lib/domain/hash.ts'

/** What takes part in a table: `key` (the backend's address) decides where it stands, `weight` (1 or more) how much it gets. */
export type Candidate = { key: string; weight: number }

/** Stands for a slot that nobody has. */
export const nobody = 0xffff

/**
 * Fills a table of `size` slots (a prime) by Maglev hashing (Eisenbud et al., NSDI 2016, section 3.4): each candidate walks its
 * own permutation of the slots, in turns by weight. Answers the index of the candidate of each slot. The order of the list does
 * not matter: equal candidates give an equal table on every machine.
 */
export function fillTable(candidates: readonly Candidate[], size: number): Uint16Array {
  const table = new Uint16Array(size).fill(nobody)
  const taken = new Uint8Array(size)
  const walkers = candidates
    .map(({ key, weight }, index) => ({ index, key, weight, at: hash32(`offset ${key}`) % size, skip: (hash32(`skip ${key}`) % (size - 1)) + 1, credit: 0 }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
  const heaviest = Math.max(1, ...walkers.map(({ weight }) => weight))
  for (let filled = 0; filled < size && walkers.length > 0; ) {
    for (const walker of walkers) {
      walker.credit += walker.weight
      if (walker.credit < heaviest) continue
      walker.credit -= heaviest
      while (taken[walker.at]) walker.at = (walker.at + walker.skip) % size
      taken[walker.at] = 1
      table[walker.at] = walker.index
      filled += 1
      if (filled === size) break
    }
  }
  return table
}

/**
 * Gives the slots of those that are not active to others: to the active candidate with the highest weighted score of slot and
 * key (rendezvous hashing, Thaler and Ravishankar 1998; weights by -w / ln h). Hence one that leaves gives away only its own
 * slots and gets exactly them back, in any order of events. Slots are `nobody`'s when no candidate is active.
 */
export function assign(table: Uint16Array, candidates: readonly Candidate[], isActive: (index: number) => boolean): Uint16Array {
  const active = candidates.flatMap(({ key, weight }, index) => (isActive(index) ? [{ index, weight, hash: hash32(key) }] : [])).sort((a, b) => a.hash - b.hash)
  const chosen = new Uint16Array(table)
  if (active.length === candidates.length) return chosen
  for (let slot = 0; slot < chosen.length; slot++) {
    if (isActive(chosen[slot] ?? nobody)) continue
    let [best, highest] = [nobody, -1]
    for (const { index, weight, hash } of active) {
      const score = -weight / Math.log((mix32(hash ^ Math.imul(slot + 1, 0x9e3779b1)) + 0.5) / 0x1_0000_0000)
      if (score > highest) [best, highest] = [index, score]
    }
    chosen[slot] = best
  }
  return chosen
}
