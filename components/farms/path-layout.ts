import type { Backend, Farm } from '#lib/domain/farm.ts'
import type { FarmStatus, Status } from '#lib/domain/status.ts'

export type Box = { x: number; y: number; width: number; height: number }
export type PathBackend = Box & { name: string; address: string; status: Status; active: boolean }

/** Everything that is drawn, in the units of the view box. `requests` and `replies` are SVG path data. */
export type PathLayout = { width: number; height: number; client: Box; appliance: Box; backends: PathBackend[]; more: (Box & { count: number }) | null; requests: string[]; idle: string[]; replies: string[] }

const shownBackends = 8
const row = { height: 38, gap: 8 }

/** What flows back through the appliance is drawn beside the way there, this far off. */
const beside = 12

/** Lays the path out from left to right (`wide`) or from top to bottom, where the window is narrow. */
export function layoutPath(farm: Farm, status: FarmStatus | null, wide: boolean): PathLayout {
  const shown = farm.backends.slice(0, shownBackends)
  const hidden = farm.backends.length - shown.length
  const rows = shown.length + (hidden > 0 ? 1 : 0)
  const column = Math.max(row.height, rows * (row.height + row.gap) - row.gap)
  const at = (index: number, left: number, top: number, width: number): Box => ({ x: left, y: top + index * (row.height + row.gap), width, height: row.height })
  const describe = (backend: Backend, box: Box): PathBackend => {
    const seen = status?.backends.find((one) => one.name === backend.name)
    return { ...box, name: backend.name, address: backend.address, status: seen?.status ?? 'unmonitored', active: seen?.active ?? false }
  }
  const place = wide ? placeWide(column) : placeTall(column)
  const backends = shown.map((backend, index) => describe(backend, at(index, place.left, place.top, place.columnWidth)))
  const more = hidden > 0 ? { ...at(shown.length, place.left, place.top, place.columnWidth), count: hidden } : null
  const frame = { width: place.width, height: place.height, client: place.client, appliance: place.appliance, backends, more }
  return { ...frame, ...(wide ? wireWide(farm, frame) : wireTall(farm, frame)) }
}

type Place = { width: number; height: number; client: Box; appliance: Box; left: number; top: number; columnWidth: number }
type Frame = Omit<PathLayout, 'requests' | 'idle' | 'replies'>
type Wires = Pick<PathLayout, 'requests' | 'idle' | 'replies'>

function placeWide(column: number): Place {
  const middle = 12 + Math.max(column, 56) / 2
  const box = (x: number, width: number): Box => ({ x, y: middle - 28, width, height: 56 })
  return { width: 900, height: Math.max(column, 56) + 56, client: box(12, 120), appliance: box(330, 170), left: 610, top: middle - column / 2, columnWidth: 250 }
}

function placeTall(column: number): Place {
  return { width: 340, height: 188 + column + 16, client: { x: 60, y: 8, width: 150, height: 48 }, appliance: { x: 60, y: 98, width: 180, height: 52 }, left: 60, top: 188, columnWidth: 246 }
}

function wireWide(farm: Farm, { client, appliance, backends, height, width }: Frame): Wires {
  const y = client.y + client.height / 2
  const bus = appliance.x + appliance.width + 55
  const right = appliance.x + appliance.width
  const there = (box: Box, off = 0) => `M${right} ${y + off}H${bus + off}V${box.y + box.height / 2 + off}H${box.x}`
  const active = backends.filter((backend) => backend.active)
  const requests = active.length > 0 ? [`M${client.x + client.width} ${y}H${appliance.x}`, ...active.map((box) => there(box))] : []
  const idle = [...(active.length > 0 ? [] : [`M${client.x + client.width} ${y}H${appliance.x}`]), ...backends.filter((backend) => !backend.active).map((box) => there(box))]
  if (active.length === 0) return { requests, idle, replies: [] }
  if (farm.mode !== 'dsr') return { requests, idle, replies: [...active.map((box) => back(there(box, beside))), back(`M${client.x + client.width} ${y + beside}H${appliance.x}`)] }
  const edge = width - 14
  const floor = height - 14
  const home = `V${floor - 10}q0 10 -10 10H${client.x + client.width / 2 + 10}q-10 0 -10 -10V${client.y + client.height}`
  return { requests, idle, replies: active.map((box) => `M${box.x + box.width} ${box.y + box.height / 2}H${edge}${home}`) }
}

function wireTall(farm: Farm, { client, appliance, backends, width }: Frame): Wires {
  const x = client.x + 40
  const top = client.y + client.height
  const bus = 26
  const middle = appliance.y + appliance.height / 2
  const there = (box: Box, off = 0) => `M${appliance.x} ${middle + off}H${bus + off}V${box.y + box.height / 2 + off}H${box.x}`
  const down = (off = 0) => `M${x + off} ${top}V${appliance.y}`
  const active = backends.filter((backend) => backend.active)
  const requests = active.length > 0 ? [down(), ...active.map((box) => there(box))] : []
  const idle = [...(active.length > 0 ? [] : [down()]), ...backends.filter((backend) => !backend.active).map((box) => there(box))]
  if (active.length === 0) return { requests, idle, replies: [] }
  if (farm.mode !== 'dsr') return { requests, idle, replies: [...active.map((box) => back(there(box, beside))), back(down(beside))] }
  const edge = width - 12
  const roof = client.y + client.height / 2
  return { requests, idle, replies: active.map((box) => `M${box.x + box.width} ${box.y + box.height / 2}H${edge}V${roof + 10}q0 -10 -10 -10H${client.x + client.width}`) }
}

/** Turns a line of M, H and V around, so that its arrow stands at the other end. */
function back(line: string): string {
  const points: Array<[number, number]> = []
  for (const [, command = '', numbers = ''] of line.matchAll(/([MHV])([^MHV]+)/g)) {
    const [first = 0, second = 0] = numbers.trim().split(' ').map(Number)
    const [x, y] = points.at(-1) ?? [0, 0]
    points.push(command === 'M' ? [first, second] : command === 'H' ? [first, y] : [x, first])
  }
  return points
    .reverse()
    .map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`)
    .join('')
}
