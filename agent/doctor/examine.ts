import { familyOf, inSubnet } from '#lib/domain/address.ts'
import type { BackendEvidence, DoctorAnswer, DoctorEvidence } from '#lib/domain/doctor/evidence.ts'
import { needsMac, vipsOf, type Backend, type Farm } from '#lib/domain/farm.ts'
import { holds, type Interface } from '#lib/domain/interface.ts'
import { mapAtMost } from '../at-most.ts'
import { wallTime } from '../health/clock.ts'
import type { ProbeResult, ProbeTarget } from '../probe/target.ts'
import { run } from '../run.ts'
import type { Ear } from './ear.ts'
import { echoFrame, elsewhere, frameLength, questionFrame } from './frames.ts'
import type { Hearing } from './hearing.ts'
import { obstacleOf } from './obstacles.ts'
import { portsToAsk, questionsOf, vipEchoesOf } from './questions.ts'
import type { Who } from './who.ts'
import { heardAbout } from './words.ts'

/** What an examination needs: the farm as it is wanted, where it is, and what the rest of the agent knows. */
export type Patient = {
  farm: Farm
  backends: readonly Backend[]
  iface: Interface
  /** The MAC address that the kernel knows. */
  macOf: (address: string, iface: string) => string | null
  /** The backends that the agent has in use for new clients now. */
  active: () => ReadonlySet<string>
  /** Addresses and MACs that the rules of the farm in the kernel send to; null when they cannot be read. */
  targets: () => Promise<ReadonlySet<string> | null>
}

export type Tools = { ear: Ear; once: (target: ProbeTarget) => Promise<ProbeResult>; who: () => Who }

/** Questions for MAC addresses are repeated: how often, and after how many ms; the last answer has as long. Of an answer after the first second it is certain that it is new. */
const rounds = 3
const roundMs = 600

/** Questions about services that wait at the same time at one address, and how long the second try waits, in seconds. */
const servicesAtOnce = 16
const againSeconds = 2.5

/** Examines the backends of one farm side by side, in a few seconds. What could not be asked becomes an obstacle. */
export async function examine(patient: Patient, { ear, once, who }: Tools): Promise<DoctorEvidence> {
  const { farm, backends, iface } = patient
  const begun = performance.now()
  const active = patient.active()
  const obstacles: string[] = []
  /** What fails is an obstacle, and the rest goes on. */
  const tried = async <T>(what: string, work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work()
    } catch (error) {
      obstacles.push(obstacleOf(what, error))
      return null
    }
  }

  const places = backends.map((backend) => placeOf(patient, backend))
  const ports = portsToAsk(farm, backends.length * (1 + vipsOf(farm).length))
  const watch = await tried('Replies could not be listened for', () => ear.watch())
  const source = places.find((one) => one.source !== null)?.source ?? null
  const [asked, small, large, services, echoes, targets] = await Promise.all([
    tried('Questions for MAC addresses could not be sent', () => askAll(farm, iface, places, ear)),
    tried('Echoes could not be sent', () => echo(places, 56)),
    tried('Large echoes could not be sent', () => echo(places, iface.mtu - headers(farm))),
    Promise.all(places.map(({ backend, mac }) => ask(once, questionsOf(farm, backend, iface, mac, ports.asked)))),
    Promise.all(places.map(({ backend, mac }) => ask(once, vipEchoesOf(farm, backend, iface, mac)))),
    tried('The rules in the kernel could not be read', patient.targets),
  ])
  const heard = await tried('What was heard could not be read', () => ear.read())
  watch?.end()
  const since = ear.since()
  // One that is taken out meanwhile may be in the rules or not.
  const still = patient.active()
  const serves = (name: string): boolean => active.has(name) && still.has(name)
  const answersOf = (address: string): string[] | null => (asked && heard ? [...new Set(heard.answers.filter((word) => word.address === address && word.at >= begun).map(({ mac }) => mac))] : null)

  return {
    farm: farm.name,
    at: new Date().toISOString(),
    tookMs: Math.round(performance.now() - begun),
    trouble: null,
    obstacles,
    interface: { name: iface.name, mac: iface.mac, mtu: iface.mtu, source },
    ports,
    listeningSince: asked && heard && since !== null ? new Date(wallTime(since)).toISOString() : null,
    heard: heardAbout(patient, ear.spoken(), begun, who()),
    backends: places.map((place, index) => {
      const macs = place.onSubnet ? answersOf(place.backend.address) : null
      return { ...evidenceOf(place, macs), echo: { small: small ? small.has(place.backend.address) : null, large: large ? large.has(place.backend.address) : null, bytes: iface.mtu }, ...answersBy(services[index] ?? []), vipEchoes: (echoes[index] ?? []).map(({ target, result }) => ({ vip: target.address, answered: result.reason === 'not-possible' ? null : result.reason === null })), returned: returnedOf(place, asked !== null, watch?.before ?? null, heard, begun), kernel: { serves: serves(place.backend.name), found: isIn(targets, farm, place) } }
    }),
  }
}

/** A backend where it stands. `source`: the own address beside it. */
type Standing = { backend: Backend; onSubnet: boolean; mac: string | null; source: string | null }

function placeOf({ farm, iface, macOf }: Patient, backend: Backend): Standing {
  const onSubnet = holds(iface, backend.address)
  const source = iface.addresses.find((own) => familyOf(own.address) === familyOf(backend.address) && inSubnet(backend.address, own.address, own.prefix))?.address ?? null
  return { backend, onSubnet, source, mac: needsMac(farm.mode) ? (backend.mac ?? macOf(backend.address, iface.name)) : null }
}

function evidenceOf({ backend, onSubnet, mac }: Standing, macs: string[] | null): Pick<BackendEvidence, 'name' | 'address' | 'onSubnet' | 'mac' | 'pinned' | 'macs'> {
  return { name: backend.name, address: backend.address, onSubnet, mac, pinned: backend.mac !== null, macs }
}

/** Puts all questions for MAC addresses, and in mode dsr an echo from another network to each backend. */
async function askAll(farm: Farm, iface: Interface, places: readonly Standing[], ear: Ear): Promise<true> {
  const near = places.filter(({ onSubnet }) => onSubnet)
  await ear.expect(near.map(({ backend }) => backend.address))
  const source = near.find((one) => one.source !== null)?.source ?? iface.addresses.find(({ address }) => familyOf(address) === familyOf(farm.vip))?.address ?? null
  const own = source === null ? null : { mac: iface.mac, source }
  const frames = [
    ...(own ? [...near.map(({ backend }) => backend.address), ...vipsOf(farm)].map((address) => questionFrame(address, own)) : []),
    ...(farm.mode === 'dsr' ? near.flatMap(({ backend, mac }) => (mac === null ? [] : [echoFrame(backend.address, mac, iface.mac)])) : []),
  ]
  if (frames.length === 0) throw new Error(`${iface.name} has no address of this family`)
  for (let round = 0; round < rounds; round++) {
    await run('socat', ['-u', '-b', String(frameLength), 'STDIN', `INTERFACE:${iface.name}`], { input: Buffer.concat(frames) })
    await new Promise((resolve) => setTimeout(resolve, roundMs))
  }
  return true
}

/** The addresses that answer an ICMP echo of this many bytes, which must not be cut into pieces on the way. */
async function echo(places: readonly Standing[], bytes: number): Promise<ReadonlySet<string>> {
  const addresses = places.map(({ backend }) => backend.address)
  if (addresses.length === 0) return new Set()
  const text = await run('fping', ['-a', '-M', '-r', '2', '-B', '1', '-t', '500', '-i', '1', '-b', String(bytes), ...addresses], { okCodes: [0, 1], timeoutMs: 30_000 })
  return new Set(text.split('\n').map((line) => line.trim()))
}

/** Bytes of an IP and an ICMP header. */
function headers({ vip }: Farm): number {
  return familyOf(vip) === 'ipv6' ? 48 : 28
}

type Asked = { target: ProbeTarget; result: ProbeResult }

/**
 * Asks the addresses side by side, each its first question first. One that has no good answer is asked again, because a packet may be
 * lost; more patiently, because a router or firewall may say why only when the packet is repeated (RFC 6298: after a second).
 */
async function ask(once: Tools['once'], targets: readonly ProbeTarget[]): Promise<Asked[]> {
  const again = async (target: ProbeTarget, result: ProbeResult): Promise<Asked> => {
    if (result.reason === null) return { target, result }
    const timeout = Math.max(target.monitor.timeout, againSeconds)
    return { target, result: await once({ ...target, monitor: { ...target.monitor, timeout } }) }
  }
  const byAddress = [...new Set(targets.map(({ address }) => address))].map((address) => targets.filter((target) => target.address === address))
  const asked = await Promise.all(
    byAddress.map(async ([first, ...others]) => {
      if (!first) return []
      const main = await again(first, await once(first))
      const rest = await mapAtMost(servicesAtOnce, others, async (target): Promise<Asked> => {
        const result = await once(target)
        return main.result.reason === null || result.reason === 'not-possible' ? again(target, result) : { target, result }
      })
      return [main, ...rest]
    }),
  )
  return asked.flat()
}

function answersBy(asked: readonly Asked[]): { rip: DoctorAnswer[]; vips: DoctorAnswer[] } {
  const of = (path: ProbeTarget['path']): DoctorAnswer[] =>
    asked.filter(({ target }) => target.path === path).map(({ target, result }) => ({ address: target.address, port: target.port, type: target.monitor.type, reason: result.reason, detail: result.detail }))
  return { rip: of('rip'), vips: of('vip') }
}

function returnedOf({ backend, mac, onSubnet }: Standing, sent: boolean, before: Hearing | null, heard: Hearing | null, begun: number): BackendEvidence['returned'] {
  if (!sent || !heard || !before || mac === null || !onSubnet) return { echo: null, from: null, packets: 0 }
  const at = heard.returned.get(mac)
  return { echo: at !== undefined && at >= begun, from: elsewhere[familyOf(backend.address)], packets: Math.max(0, (heard.strays.get(mac) ?? 0) - (before.strays.get(mac) ?? 0)) }
}

function isIn(targets: ReadonlySet<string> | null, { mode }: Farm, { backend, mac }: Standing): boolean | null {
  const target = needsMac(mode) ? mac : backend.address
  return targets === null ? null : target !== null && targets.has(target)
}
