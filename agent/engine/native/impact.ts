import { hitless, type Impact } from '#lib/domain/plan.ts'
import type { NftlbFarm } from '#lib/render/nftlb.ts'
import { shown } from '../nftlb/impact.ts'
import type { Held } from './held.ts'
import { dispatchKey } from './held.ts'
import { hashesAlike, shapeOf, tellsNew } from './shape.ts'
import type { Moves } from './slots.ts'

/** What a change of a farm does to its connections, exactly: it is counted in slots. */
export function impactOf(held: Held, wanted: NftlbFarm, moves: Moves): Impact {
  const shape = shapeOf(wanted)
  const size = shape.size
  const lost = held.shape.dispatch.filter((entry) => !shape.dispatch.some((one) => dispatchKey(one) === dispatchKey(entry)))
  if (lost.length > 0) return { kind: 'interrupts', share: null, text: `The farm stops answering at ${places(lost)}; connections there break.` }
  if (!hashesAlike(held.shape, shape)) return remaps(moves.remapped, size, 'of the flows move to another backend and their connections break, because the table is dealt anew.')
  if (moves.closed > 0) {
    const open = tellsNew(shape.kind) && moves.ended === 0 ? `Open connections stay, for up to ${duration(shape.period)}.` : 'Open connections break.'
    return { kind: 'interrupts', share: null, text: `No backend is left for new clients; they are refused. ${open}` }
  }
  if (moves.remapped > 0) return remaps(moves.remapped, size, 'of the flows move to another backend: a datagram does not tell whether its flow is new.')
  if (moves.ended > 0) return remaps(moves.ended, size, `of the slots change their backend at once: the connections of ${gone(held, wanted)} end. No other is touched.`)
  if (moves.handed > 0) return { kind: 'hitless', share: null, text: `${percent(moves.handed, size)} of new connections go to another backend. Open ones stay where they are, for up to ${duration(shape.period)}.` }
  return hitless
}

/** What it means that a farm comes from another engine: two hashes have nothing to do with each other. */
export function arrivalImpact(share: number, kind: NftlbFarm['protocol']): Impact {
  if (share === 0) return hitless
  return remaps(share, 1, `of the flows move to another backend${tellsNew(kind) ? ' and their connections break' : ''}: the other engine hashes in another way.`)
}

function remaps(part: number, whole: number, text: string): Impact {
  if (part === 0) return hitless
  return { kind: 'remaps', share: Math.min(1, part / whole), text: `${percent(part, whole)} ${text}` }
}

/** Where packets found the farm, the first three of them: "tcp 203.0.113.7 port 80". */
function places(lost: ReadonlyArray<{ map: string; key: string }>): string {
  const all = lost.filter(({ map }) => !map.startsWith('error')).map(({ key }) => {
    const [protocol, address, port] = key.split(' . ')
    return `${protocol} ${address}${port === undefined ? '' : ` port ${port}`}`
  })
  return `${all.slice(0, 3).join(', ')}${all.length > 3 ? ` and ${all.length - 3} more places` : ''}`
}

function percent(part: number, whole: number): string {
  const value = (part / whole) * 100
  return `${value < 10 ? Math.max(0.1, Math.round(value * 10) / 10) : Math.round(value)} %`
}

function duration(seconds: number): string {
  if (seconds % 3600 === 0) return seconds === 3600 ? 'an hour' : `${seconds / 3600} hours`
  return seconds % 60 === 0 && seconds > 60 ? `${seconds / 60} minutes` : `${seconds} seconds`
}

/** The backends whose slots are taken at once, because they are out. */
function gone(held: Held, wanted: NftlbFarm): string {
  const owning = new Set([...held.now].map((id) => held.owners.get(id)?.address))
  const out = wanted.backends.filter((backend) => backend.state === 'down' && owning.has(backend['ip-addr'])).map(({ name }) => shown(name))
  return out.length > 0 ? out.join(', ') : 'backends that are gone'
}
