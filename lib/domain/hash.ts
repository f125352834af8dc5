/**
 * A 32-bit hash of a text that is the same on every machine: FNV-1a over its UTF-16 code units, mixed by the finalizer of
 * MurmurHash3 so that texts that differ in one letter differ everywhere. Not for secrets.
 */
export function hash32(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return mix32(hash)
}

/** Spreads the bits of a 32-bit number over all of them (fmix32 of MurmurHash3, public domain). */
export function mix32(value: number): number {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
