import type { Handover } from '#lib/domain/status.ts'
import { countText, durationText } from '#components/traffic/units.ts'

type Owner = Handover['owners'][number]

/** A handover in one line. */
export function handoverTitle({ slots, of }: Handover): string {
  return `Handover: ${countText(slots)} of ${countText(of)} slots`
}

/** What one of the old owners still does, and until when. */
export function ownerText({ backend, address, endsInSeconds, packets, quietSeconds }: Owner): string {
  return `${workText(backend ?? `${address}, which was removed,`, packets, quietSeconds)} What is still open in ${durationText(endsInSeconds)} ends then.`
}

function workText(name: string, packets: number, quietSeconds: number | null): string {
  if (packets === 0 || quietSeconds === null) return `${name} has got no packet of an old connection yet.`
  const sum = `${countText(packets)} ${packets === 1 ? 'packet' : 'packets'} so far`
  if (quietSeconds < busySeconds) return `${name} still serves old connections: ${sum}.`
  return `${name} served old connections: ${sum}, the last one ${durationText(quietSeconds)} ago.`
}

/** The counters are read every few seconds; silence shorter than this may be no more than the time between two looks. */
const busySeconds = 15

/** Old owners in the order of their names, removed ones last. */
export function sortedOwners({ owners }: Handover): Owner[] {
  return [...owners].sort((a, b) => (a.backend ?? '\uffff').localeCompare(b.backend ?? '\uffff', 'en', { numeric: true }))
}
