import { chainsOf, inHandover, settled } from './converge.ts'
import { deviceChains } from './device-rules.ts'
import type { Held } from './held.ts'
import { ownerText } from './ids.ts'
import { restChain, table } from './names.ts'
import type { Rules } from './read-rules.ts'
import { digestOf } from './rule-line.ts'
import { slotMap } from './farm-rules.ts'

/**
 * The rules of one farm in the words of nft, each as the kernel has it now: one that is missing or not ours says so. Instead of
 * thousands of slots there is a line for each owner with its number.
 */
export function printFarm(held: Held | null, there: Rules): string {
  if (!held) return ''
  const { name, iface, size } = held.shape
  const shared = [...deviceChains(iface, '')].flatMap(([chain]) => (chain.startsWith('send-') || chain === restChain(iface) ? [] : [chain]))
  const dispatch = held.shape.dispatch.map(({ map, key, chain }) => `\t# ${map}: ${key} : goto ${chain}`)
  const slots = [...count(settled(held).values())].map(([id, slots]) => `\t\t# ${slots} slots: ${ownerOf(held, id)}`)
  const handover = inHandover(held) ? [`\t\t# ${held.lingering.size} slots are in handover`] : []
  return [
    `table netdev ${table} {`,
    `\t# from ${shared.join(', ')}:`,
    ...dispatch,
    `\tmap ${slotMap(name)} {`,
    `\t\tsize ${size}`,
    ...slots,
    ...handover,
    '\t}',
    ...[...chainsOf(held)].flatMap(([chain, rules]) => [`\tchain ${chain} {`, ...rulesOf(rules, there.get(chain) ?? []), '\t}']),
    '}',
  ].join('\n')
}

function rulesOf(rules: readonly string[], comments: ReadonlyArray<string | null>): string[] {
  const known = new Map(rules.map((rule) => [digestOf(rule), rule]))
  const present = comments.map((comment) => `\t\t${known.get(comment ?? '') ?? `# a rule that is not the engine's own${comment === null ? '' : ` ("${comment}")`}`}`)
  const missing = rules.filter((rule) => !comments.includes(digestOf(rule))).map((rule) => `\t\t# missing: ${rule}`)
  return [...present, ...missing]
}

function count(ids: Iterable<number>): Map<number, number> {
  const map = new Map<number, number>()
  for (const id of ids) map.set(id, (map.get(id) ?? 0) + 1)
  return map
}

function ownerOf(held: Held, id: number): string {
  const owner = held.owners.get(id)
  return `${ownerText(`0x${id.toString(16)}`, owner?.address ?? null)}${owner?.mac ? ` at ${owner.mac}` : ''}`
}
