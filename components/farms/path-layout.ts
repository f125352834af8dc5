import type { Backend, Farm } from '#lib/domain/farm.ts'
import type { FarmStatus, Status } from '#lib/domain/status.ts'

export type Box = { x: number; y: number; width: number; height: number }
export type PathBackend = Box & { name: string; address: string; status: Status; active: boolean }

/**
 * Everything that is drawn, in the units of the view box. `requests`, `idle`, `joints` and `replies` are SVG path data; requests
 * and replies end with an arrow, and joints lead to replies.
 */
export type PathLayout = { width: number; height: number; client: Box; appliance: Box; backends: PathBackend[]; more: (Box & { count: number }) | null; requests: string[]; idle: string[]; joints: string[]; replies: string[] }

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
  const place = wide ? placeWide(column, farm.mode === 'dsr') : placeTall(column)
  const backends = shown.map((backend, index) => describe(backend, at(index, place.left, place.top, place.columnWidth)))
  const more = hidden > 0 ? { ...at(shown.length, place.left, place.top, place.columnWidth), count: hidden } : null
  const frame = { width: place.width, height: place.height, client: place.client, appliance: place.appliance, backends, more }
  return { ...frame, ...(wide ? wireWide(farm, frame) : wireTall(farm, frame)) }
}

type Place = { width: number; height: number; client: Box; appliance: Box; left: number; top: number; columnWidth: number }
type Frame = Omit<PathLayout, keyof Wires>
type Wires = Pick<PathLayout, 'requests' | 'idle' | 'joints' | 'replies'>

function placeWide(column: number, straight: boolean): Place {
  const middle = 12 + Math.max(column, 56) / 2
  const box = (x: number, width: number): Box => ({ x, y: middle - 28, width, height: 56 })
  return { width: 900, height: Math.max(column, 56) + (straight ? 56 : 32), client: box(12, 120), appliance: box(290, 210), left: 610, top: middle - column / 2, columnWidth: 250 }
}

function placeTall(column: number): Place {
  return { width: 340, height: 188 + column + 16, client: { x: 60, y: 8, width: 150, height: 48 }, appliance: { x: 60, y: 98, width: 180, height: 52 }, left: 60, top: 188, columnWidth: 246 }
}

function wireWide(farm: Farm, { client, appliance, backends, height, width }: Frame): Wires {
  const y = client.y + client.height / 2
  const right = appliance.x + appliance.width
  const bus = right + 55
  const entry = `M${client.x + client.width} ${y}H${appliance.x}`
  const there = (box: Box) => `M${right} ${y}H${bus}V${middleOf(box)}H${box.x}`
  const wires = solid(entry, there, backends)
  const active = backends.filter((backend) => backend.active)
  const [first] = active
  if (!first) return { ...wires, joints: [], replies: [] }
  if (farm.mode !== 'dsr') {
    const joint = bus + beside
    return { ...wires, joints: toBus(active, joint, y + beside), replies: [`M${joint} ${y + beside}H${right}`, `M${appliance.x} ${y + beside}H${client.x + client.width}`] }
  }
  const edge = width - 14
  const floor = height - 14
  const joints = active.slice(1).map((box) => `M${box.x + box.width} ${middleOf(box)}H${edge}`)
  const home = `M${first.x + first.width} ${middleOf(first)}H${edge}V${floor - 10}q0 10 -10 10H${client.x + client.width / 2 + 10}q-10 0 -10 -10V${client.y + client.height}`
  return { ...wires, joints, replies: [home] }
}

function wireTall(farm: Farm, { client, appliance, backends, width }: Frame): Wires {
  const x = client.x + 40
  const top = client.y + client.height
  const bus = 26
  const y = middleOf(appliance)
  const there = (box: Box) => `M${appliance.x} ${y}H${bus}V${middleOf(box)}H${box.x}`
  const wires = solid(`M${x} ${top}V${appliance.y}`, there, backends)
  const active = backends.filter((backend) => backend.active)
  const last = active.at(-1)
  if (!last) return { ...wires, joints: [], replies: [] }
  if (farm.mode !== 'dsr') {
    const joint = bus + beside
    return { ...wires, joints: toBus(active, joint, y + beside), replies: [`M${joint} ${y + beside}H${appliance.x}`, `M${x + beside} ${appliance.y}V${top}`] }
  }
  const edge = width - 12
  const joints = active.slice(0, -1).map((box) => `M${box.x + box.width} ${middleOf(box)}H${edge}`)
  const home = `M${last.x + last.width} ${middleOf(last)}H${edge}V${middleOf(client) + 10}q0 -10 -10 -10H${client.x + client.width}`
  return { ...wires, joints, replies: [home] }
}

function middleOf(box: Box): number {
  return box.y + box.height / 2
}

/** The way there: to the active backends, and, without an arrow, to those that get nothing. */
function solid(entry: string, there: (box: Box) => string, backends: readonly PathBackend[]): Pick<Wires, 'requests' | 'idle'> {
  const active = backends.filter((backend) => backend.active).map(there)
  const idle = backends.filter((backend) => !backend.active).map(there)
  return active.length > 0 ? { requests: [entry, ...active], idle } : { requests: [], idle: [entry, ...idle] }
}

/** From each backend to one line, and that line itself: dashes that lie on each other would look like a solid line. */
function toBus(active: readonly Box[], x: number, y: number): string[] {
  const heights = [y, ...active.map((box) => middleOf(box) + beside)]
  return [...active.map((box) => `M${box.x} ${middleOf(box) + beside}H${x}`), `M${x} ${Math.min(...heights)}V${Math.max(...heights)}`]
}
