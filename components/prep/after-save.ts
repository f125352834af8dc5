import { vipsOf, type Farm } from '#lib/domain/farm.ts'
import { addressLiteral, serviceLiteral, servicesOf } from '#lib/prep/literal.ts'
import { changedSince } from '#lib/prep/report.ts'

/** What a saved change of a farm asks for at its backends, in words; null when their preparation still stands. */
export function prepAfterSave(before: Farm, after: Farm): string | null {
  if (after.mode !== 'dsr' || after.backends.length === 0) return null
  const changes = changedSince(carried(before), carried(after))
  if (changes.length > 0) return `Run the preparation again on its backends: ${changes.join(' ')}`
  const known = new Set(before.backends.map(({ address }) => address))
  const added = after.backends.filter(({ address }) => !known.has(address)).map(({ name }) => name)
  return added.length > 0 ? `Prepare ${added.join(', ')}, so that clients get an answer from there.` : null
}

/** The VIPs and services that the farm's backends carry, as a check reports them. */
function carried(farm: Farm): Parameters<typeof changedSince>[1] {
  if (farm.mode !== 'dsr') return { vips: [], services: [] }
  return { vips: vipsOf(farm).map((vip) => addressLiteral(vip).text), services: servicesOf(farm).map(serviceLiteral) }
}
