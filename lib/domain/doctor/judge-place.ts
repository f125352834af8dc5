import { needsMac } from '../farm.ts'
import { cell, familyOfCase, findingOf, listed, type Case, type Judgement } from './case.ts'
import type { DoctorFinding } from './run.ts'

/** Where the backend is: checks network, subnet and mtu. */
export function judgePlace(one: Case): Judgement {
  const parts = [judgeNetwork(one), judgeSubnet(one), judgeMtu(one)]
  return { cells: parts.flatMap(({ cells }) => cells), findings: parts.flatMap(({ findings }) => findings) }
}

/** True when it was asked for its MAC address and did not answer: whatever else was asked says nothing then. */
export function isAbsent({ seen }: Case): boolean {
  return seen.macs?.length === 0
}

function judgeNetwork(one: Case): Judgement {
  const { seen, backend, farm } = one
  const of = (verdict: 'ok' | 'fail' | 'unknown' | 'skipped', evidence: string, findings: DoctorFinding[] = []): Judgement => ({ cells: [cell('network', verdict, evidence)], findings })
  const fail = (finding: DoctorFinding): Judgement => of('fail', finding.evidence, [finding])
  const questions = familyOfCase(one) === 'ipv6' ? 'neighbour solicitations' : 'ARP questions'
  if (!seen.onSubnet) return needsMac(farm.mode) ? of('unknown', `${backend.address} is in no subnet of the interface, so it was not asked.`) : of('skipped', `${backend.address} is behind a router.`)
  if (seen.macs === null) return of('unknown', `It was not asked for its MAC address.${seen.mac ? ` In use is ${seen.mac}.` : ''}`)
  const [first] = seen.macs
  if (first === undefined) return fail(findingOf(one, 'off-network', `${questions} for ${backend.address} had no answer.`))
  if (seen.macs.length > 1) return fail(findingOf(one, 'address-duplicate', `${listed(seen.macs)} answered for ${backend.address}.`, { other: listed(seen.macs) }))
  if (needsMac(farm.mode) && seen.mac !== null && seen.mac !== first) return fail(findingOf(one, 'mac-differs', `${backend.address} answered from ${first}; in use is ${seen.mac}${seen.pinned ? ', which the farm says' : ''}.`, { other: first }))
  return of('ok', `It answered from ${first}${needsMac(farm.mode) ? ', which is in use' : ''}.`)
}

function judgeSubnet(one: Case): Judgement {
  const { seen, backend, farm, evidence } = one
  const name = evidence.interface?.name ?? 'the interface'
  if (seen.onSubnet) return { cells: [cell('subnet', 'ok', `${backend.address} is in a subnet of ${name}.`)], findings: [] }
  if (!needsMac(farm.mode)) return { cells: [cell('subnet', 'skipped', `Mode ${farm.mode} needs no common subnet.`)], findings: [] }
  const finding = findingOf(one, 'off-subnet', `${backend.address} is in no subnet of ${name}.`)
  return { cells: [cell('subnet', 'fail', finding.evidence)], findings: [finding] }
}

function judgeMtu(one: Case): Judgement {
  const { small, large, bytes } = one.seen.echo
  const of = (verdict: 'ok' | 'fail' | 'unknown', text: string): Judgement => ({ cells: [cell('mtu', verdict, text)], findings: [] })
  if (isAbsent(one)) return of('unknown', 'It does not answer on the network.')
  if (small === null || large === null) return of('unknown', 'No echo could be sent.')
  if (large) return of('ok', `A packet of ${bytes} bytes was echoed.`)
  if (!small) return of('unknown', 'It answers no ICMP echo, so the size of packets that arrive could not be found out.')
  const finding = findingOf(one, 'mtu', `${one.backend.address} echoed a small packet, and none of ${bytes} bytes, which is the MTU of ${one.evidence.interface?.name ?? 'the interface'}.`, { bytes: String(bytes) })
  return { cells: [cell('mtu', 'fail', finding.evidence)], findings: [finding] }
}
