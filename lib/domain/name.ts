/** Names become file names and URLs and, prefixed, nft identifiers: a DNS label is safe in all three. */
export const namePattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** Order for names in which `web2` comes before `web10`; total and locale-independent. */
export function byName(a: { name: string }, b: { name: string }): number {
  const [x, y] = [chunks(a.name), chunks(b.name)]
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const left = x[i] ?? ''
    const right = y[i] ?? ''
    const numeric = /^\d/.test(left) && /^\d/.test(right) ? Number(left) - Number(right) : 0
    if (numeric !== 0) return numeric
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}

function chunks(name: string): string[] {
  return name.match(/\d+|\D+/g) ?? []
}
