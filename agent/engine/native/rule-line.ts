import { hash32 } from '#lib/domain/hash.ts'
import { table } from './names.ts'

/**
 * The comment that a rule carries: a digest of its text. nft prints rules in other words than they were written, and other
 * words in each version; the digest is how a rule is recognised when it is read back. Whoever changes a rule by hand loses it.
 */
export function digestOf(rule: string): string {
  return hash32(rule).toString(16).padStart(8, '0')
}

/** Adds a rule to the end of a chain. */
export function ruleLine(chain: string, rule: string): string {
  return `add rule netdev ${table} ${chain} ${rule} comment "${digestOf(rule)}"`
}
