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
 * Gives slots to others than who has them in the table. `partOf` says which part of its slots a candidate keeps: all (1), none (0), or
 * some, which are the same again in every larger part. The rest goes to the candidate that keeps all of its own and has the highest
 * weighted score of slot and key (rendezvous hashing, Thaler and Ravishankar 1998; weights by -w / ln h). Hence one that leaves gives
 * away only its own slots and gets exactly them back, in any order of events. Slots are `nobody`'s when no candidate keeps any.
 */
export function assign(table: Uint16Array, candidates: readonly Candidate[], partOf: (index: number) => number): Uint16Array {
  const chosen = new Uint16Array(table)
  const all = candidates.map(({ key, weight }, index) => ({ index, weight, hash: hash32(key), part: partOf(index) }))
  if (all.every(({ part }) => part === 1)) return chosen
  const whole = all.filter(({ part }) => part === 1)
  // Where nobody has everything, who has some has everything.
  const heirs = (whole.length > 0 ? whole : all.filter(({ part }) => part > 0)).sort((a, b) => a.hash - b.hash)
  const stays = ({ hash, part }: (typeof all)[number], slot: number): boolean => part === 1 || (part > 0 && (whole.length === 0 || draw(hash, slot) < part))
  for (let slot = 0; slot < chosen.length; slot++) {
    const owner = all[chosen[slot] ?? nobody]
    if (owner && stays(owner, slot)) continue
    let [best, highest] = [nobody, -1]
    for (const { index, weight, hash } of heirs) {
      const score = -weight / Math.log(draw(hash, slot))
      if (score > highest) [best, highest] = [index, score]
    }
    chosen[slot] = best
  }
  return chosen
}

/** A number between 0 and 1 that a slot and the hash of a key decide. */
function draw(hash: number, slot: number): number {
  return (mix32(hash ^ Math.imul(slot + 1, 0x9e3779b1)) + 0.5) / 0x1_0000_0000
}
