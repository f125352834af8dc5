import { cell, familyOfCase, findingOf, listed, type Case, type Judgement, type Values } from './case.ts'
import type { DoctorVerdict } from './checks.ts'
import type { DoctorAnswer } from './evidence.ts'
import type { FindingCode } from './findings.ts'
import { isAbsent, isOff } from './judge-place.ts'
import { judgePorts } from './judge-ports.ts'
import { lookOf, wordsOf, type Look } from './look.ts'
import type { DoctorCell, DoctorFinding } from './run.ts'

const bad: Partial<Record<Look, { rip: FindingCode; vip: FindingCode }>> = {
  silent: { rip: 'service-silent', vip: 'vip-silent' },
  refused: { rip: 'service-refused', vip: 'vip-refused' },
  rejected: { rip: 'service-rejected', vip: 'vip-rejected' },
  wrong: { rip: 'service-wrong', vip: 'vip-wrong' },
}

/** What the service answers: checks rip, vip, binding, ports, loop and prefix. The first question to each address is that of the monitor. */
export function judgeService(one: Case): Judgement {
  const { seen, farm } = one
  const dsr = farm.mode === 'dsr'
  const rip = seen.rip[0]
  const vips = mainAnswers(one)
  if (isAbsent(one)) return { cells: (['rip', 'vip', 'binding', 'ports', 'loop', 'prefix'] as const).map((check) => (dsr || check === 'rip' || check === 'ports' ? cell(check, 'unknown', 'It does not answer on the network.') : skipped(check))), findings: [] }
  const deaf = isDeaf(one)
  const ports = judgePorts(one)
  // What goes wrong because it is off is no finding of its own.
  const findings = isOff(one) ? [] : deaf ? [deafness(one)] : [...serviceFindings(one, rip, vips), ...ports.findings]
  const cells = [ripCell(rip), ...(dsr ? [vipCell(vips), bindingCell(rip, vips)] : [skipped('vip'), skipped('binding')]), ...ports.cells, ...(dsr ? [loopCell(vips), prefixCell(one, deaf)] : [skipped('loop'), skipped('prefix')])]
  return { cells, findings }
}

function skipped(check: DoctorCell['check']): DoctorCell {
  return cell(check, 'skipped', 'Only mode dsr puts the VIP on backends.')
}

/** Of each VIP the first answer; one that was sent on counts before it, because routers say so only now and then. */
function mainAnswers({ seen }: Case): DoctorAnswer[] {
  const vips = [...new Set(seen.vips.map(({ address }) => address))]
  return vips.flatMap((vip) => {
    const answers = seen.vips.filter(({ address }) => address === vip)
    return answers.find((answer) => lookOf(answer) === 'forwarded') ?? answers[0] ?? []
  })
}

/**
 * It has a MAC address and answers neither echo nor any question at any address. Its own address may also look unreachable: the
 * kernel's question for its MAC address has a sender, and the reply to that one goes wrong as well.
 */
function isDeaf({ seen }: Case): boolean {
  const asked = (answers: readonly DoctorAnswer[]): Look[] => answers.map(lookOf).filter((look) => look !== 'open')
  const [own, vips] = [asked(seen.rip), asked(seen.vips)]
  const quiet = own.length + vips.length > 0 && own.every((look) => look === 'silent' || (look === 'rejected' && vips.length > 0)) && vips.every((look) => look === 'silent')
  return (seen.macs?.length ?? 0) > 0 && seen.echo.small === false && seen.vipEchoes.every(({ answered }) => answered !== true) && quiet
}

function deafness(one: Case): DoctorFinding {
  const asked = [...new Set([...one.seen.rip, ...one.seen.vips].map(({ address, port }) => `${address}${port === null ? '' : ` port ${port}`}`))].slice(0, 4)
  return findingOf(one, 'deaf', `${one.backend.address} answers questions for its MAC address (${listed(one.seen.macs ?? [])}), and neither an echo nor ${listed(asked)}.`, { ports: portsOf([...one.seen.rip, ...one.seen.vips]) })
}

function portsOf(answers: readonly DoctorAnswer[]): string {
  return listed(answers.flatMap(({ port }) => (port === null ? [] : [String(port)]))) || 'of the service'
}

function serviceFindings(one: Case, rip: DoctorAnswer | undefined, vips: readonly DoctorAnswer[]): DoctorFinding[] {
  const own = rip ? lookOf(rip) : 'open'
  const through = new Map<Look, DoctorAnswer[]>()
  for (const answer of vips) through.set(lookOf(answer), [...(through.get(lookOf(answer)) ?? []), answer])
  const findings: DoctorFinding[] = []
  const add = (code: FindingCode, answers: readonly DoctorAnswer[], more = '', values: Values = {}): void => {
    findings.push(findingOf(one, code, `${answers.map(wordsOf).join(' ')}${more}`, { ports: portsOf(answers), ...(answers[0] ? { vip: listed(answers.map(({ address }) => address)) } : {}), ...values }))
  }

  const forwarded = through.get('forwarded')
  if (forwarded) add('vip-forwarded', forwarded)
  if (own !== 'good' && bad[own] && rip) {
    const healthy = vips.length > 0 && vips.every((answer) => lookOf(answer) === 'good')
    if (healthy) add('rip-apart', [rip], ` ${listed(vips.map(({ address }) => address))} through it: answers.`, { vip: one.farm.vip })
    else add(bad[own].rip, [rip, ...(through.get(own) ?? [])], own === 'silent' && one.seen.echo.small ? ' It answers an echo.' : '', { vip: one.farm.vip })
  }
  for (const [look, answers] of through) {
    const kind = bad[look]
    // What looks alike at the own address has the same cause.
    if (!kind || look === own) continue
    const echoed = look === 'silent' ? answers.filter(({ address, type }) => type !== 'icmp' && one.seen.vipEchoes.some(({ vip, answered }) => vip === address && answered === true)) : []
    const rest = answers.filter((answer) => !echoed.includes(answer))
    if (echoed.length > 0) add('vip-filtered', echoed, ' The VIP itself answers an echo through it.')
    if (rest.length > 0) add(kind.vip, rest, own === 'good' && rip ? ` Its own address ${rip.address} answers.` : '')
  }
  return findings
}

function worst(answers: readonly DoctorAnswer[]): DoctorVerdict {
  if (answers.length === 0) return 'unknown'
  const all = answers.map(lookOf)
  if (all.some((look) => look !== 'good' && look !== 'open')) return 'fail'
  return all.includes('open') ? 'unknown' : 'ok'
}

function ripCell(rip: DoctorAnswer | undefined): DoctorCell {
  return rip ? cell('rip', worst([rip]), wordsOf(rip)) : cell('rip', 'unknown', 'It could not be asked.')
}

function vipCell(vips: readonly DoctorAnswer[]): DoctorCell {
  if (vips.length === 0) return cell('vip', 'unknown', 'No VIP could be asked through it.')
  const wrong = vips.filter((answer) => lookOf(answer) !== 'good')
  return cell('vip', worst(vips), (wrong.length > 0 ? wrong : vips).map(wordsOf).join(' '))
}

function bindingCell(rip: DoctorAnswer | undefined, vips: readonly DoctorAnswer[]): DoctorCell {
  const refused = vips.filter((answer) => lookOf(answer) === 'refused')
  if (refused.length > 0 && rip && lookOf(rip) === 'good') return cell('binding', 'fail', `${rip.address} answers, and at the VIP nothing listens. ${refused.map(wordsOf).join(' ')}`)
  if (refused.length > 0) return cell('binding', 'unknown', 'Nothing listens at its own address either.')
  if (vips.length > 0 && vips.every((answer) => lookOf(answer) === 'good')) return cell('binding', 'ok', 'It answers at every VIP.')
  return cell('binding', 'unknown', 'The VIP did not answer, so where the application listens could not be seen.')
}

function loopCell(vips: readonly DoctorAnswer[]): DoctorCell {
  const forwarded = vips.filter((answer) => lookOf(answer) === 'forwarded')
  if (forwarded.length > 0) return cell('loop', 'fail', forwarded.map(wordsOf).join(' '))
  const kept = vips.filter((answer) => ['good', 'refused', 'wrong'].includes(lookOf(answer)))
  if (vips.length > 0 && kept.length === vips.length) return cell('loop', 'ok', 'It takes packets for the VIP itself.')
  return cell('loop', 'unknown', 'It did not answer for the VIP, and sent nothing back either.')
}

function prefixCell(one: Case, deaf: boolean): DoctorCell {
  const { seen, preparation } = one
  if (deaf) return cell('prefix', 'fail', 'It answers questions for its MAC address and nothing else, as with a VIP that has the prefix of the network.')
  if (familyOfCase(one) === 'ipv6') {
    const wide = preparation?.items.find(({ code, verdict }) => code === 'vip-wide' && verdict === 'fail')
    if (preparation?.status === 'verified') return cell('prefix', 'ok', 'The last check of its preparation found the right prefix.')
    return wide ? cell('prefix', 'fail', wide.text) : cell('prefix', 'unknown', 'Over IPv6 a wide prefix does not show on the network; the check of its preparation sees it.')
  }
  if (seen.echo.small === true || seen.rip.some((answer) => ['good', 'refused', 'wrong'].includes(lookOf(answer)))) return cell('prefix', 'ok', 'It reaches the appliance, which is in its network.')
  return cell('prefix', 'unknown', 'Its own address did not answer.')
}
