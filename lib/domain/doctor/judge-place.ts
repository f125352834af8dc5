import { needsMac } from '../farm.ts'
import { cell, familyOfCase, findingOf, listed, type Case, type Judgement } from './case.ts'
import { lookOf } from './look.ts'
import type { DoctorFinding } from './run.ts'

/** Where the backend is: checks network, subnet and mtu. */
export function judgePlace(one: Case): Judgement {
  const parts = [judgeNetwork(one), judgeSubnet(one), judgeMtu(one)]
  return { cells: parts.flatMap(({ cells }) => cells), findings: parts.flatMap(({ findings }) => findings) }
}

/** True when it was asked for its MAC address and answered neither that nor anything else, which then says nothing of its own. */
export function isAbsent(one: Case): boolean {
  return isMute(one) && !answersOthers(one)
}

/** True for a backend that is not there for the kernel, even if it still has something to say. */
export function isOff(one: Case): boolean {
  const { seen, farm } = one
  // For those that have no MAC address from the farm the agent asks in its own name, once a second.
  return isAbsent(one) || (isMute(one) && needsMac(farm.mode) && !seen.pinned)
}

/** True when it did not answer the question for its MAC address, which over IPv4 has no sender: some networks drop those. */
export function isMute({ seen }: Case): boolean {
  return seen.macs?.length === 0
}

function answersOthers({ seen: { rip, vips, echo, vipEchoes, returned } }: Case): boolean {
  const answered = [...rip, ...vips].some((answer) => ['good', 'refused', 'wrong', 'forwarded'].includes(lookOf(answer)))
  return answered || echo.small === true || vipEchoes.some((one) => one.answered === true) || returned.echo === true || returned.packets > 0
}

function judgeNetwork(one: Case): Judgement {
  const { seen, backend, farm } = one
  const of = (verdict: 'ok' | 'fail' | 'unknown' | 'skipped', evidence: string, findings: DoctorFinding[] = []): Judgement => ({ cells: [cell('network', verdict, evidence)], findings })
  const fail = (finding: DoctorFinding): Judgement => of('fail', finding.evidence, [finding])
  const questions = familyOfCase(one) === 'ipv6' ? 'neighbour solicitations' : 'ARP questions'
  if (!seen.onSubnet) return needsMac(farm.mode) ? of('unknown', `${backend.address} is in no subnet of the interface, so it was not asked.`) : of('skipped', `${backend.address} is behind a router.`)
  if (seen.macs === null) return of('unknown', `It was not asked for its MAC address.${seen.mac ? ` In use is ${seen.mac}.` : ''}`)
  const [first] = seen.macs
  if (first === undefined) {
    const silence = `${questions} for ${backend.address} had no answer${isAbsent(one) ? '' : ', although it answers others'}`
    if (isOff(one)) return fail(findingOf(one, 'off-network', `${silence}.`))
    return of('unknown', `${silence}: ${familyOfCase(one) === 'ipv6' ? 'a switch may keep them from it' : 'they have no sender (0.0.0.0), and some networks drop those'}.`)
  }
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
  if (isOff(one)) return of('unknown', 'It does not answer on the network.')
  if (small === null || large === null) return of('unknown', 'No echo could be sent.')
  if (large) return of('ok', `A packet of ${bytes} bytes was echoed.`)
  if (!small) return of('unknown', 'It answers no ICMP echo, so the size of packets that arrive could not be found out.')
  const finding = findingOf(one, 'mtu', `${one.backend.address} echoed a small packet, and none of ${bytes} bytes, which is the MTU of ${one.evidence.interface?.name ?? 'the interface'}.`, { bytes: String(bytes) })
  return { cells: [cell('mtu', 'fail', finding.evidence)], findings: [finding] }
}
