import { portRanges } from '../ports.ts'
import { cell, findingOf, listed, type Case, type Judgement } from './case.ts'
import type { DoctorAnswer } from './evidence.ts'
import { lookOf } from './look.ts'

/**
 * Check ports: those beside the first one, which the checks of the service are about. A port in the middle of a range may be unused:
 * it is missing when another backend answers there; a port that the farm names must answer.
 */
export function judgePorts(one: Case): Judgement {
  const { seen, farm, evidence } = one
  const { asked, of } = evidence.ports
  if (asked.length === 0) return { cells: [cell('ports', 'skipped', 'The farm has every port, so there is none to ask.')], findings: [] }
  const main = (seen.vips[0] ?? seen.rip[0])?.port ?? null
  const answers = answersOf(one)
  const works = (port: number): boolean => answers.some((answer) => answer.port === port && lookOf(answer) === 'good')
  const isClosed = (answer: DoctorAnswer): boolean => lookOf(answer) === 'refused' || lookOf(answer) === 'rejected' || (lookOf(answer) === 'silent' && answer.type !== 'udp')
  const closed = [...new Set(answers.filter((answer) => answer.port !== main && isClosed(answer)).flatMap(({ port }) => port ?? []))].filter((port) => !works(port))
  const missing = closed.filter((port) => isNamed(farm.ports, port) || others(one).some((answer) => answer.port === port && lookOf(answer) === 'good'))
  const scope = of > asked.length ? ` Asked were ${asked.length} of ${of} ports.` : ''
  // When the service is away as a whole, its ports are no finding of their own.
  const served = answers.filter((answer) => lookOf(answer) === 'good').length > 0
  if (missing.length > 0 && served) {
    const words = answers.filter(({ port }) => port !== null && missing.includes(port)).slice(0, 4).map(({ address, port, detail }) => `${address} port ${port}: ${detail}`)
    const finding = findingOf(one, 'ports-missing', `${words.join(' ')}${scope}`, { ports: listed(missing.map(String)) })
    return { cells: [cell('ports', 'fail', finding.evidence)], findings: [finding] }
  }
  if (!served) return { cells: [cell('ports', 'unknown', `It answers at no port.${scope}`)], findings: [] }
  const unclear = [...new Set(answers.filter((answer) => lookOf(answer) === 'open' || (lookOf(answer) === 'silent' && answer.type === 'udp')).flatMap(({ port }) => port ?? []))].filter((port) => !works(port) && port !== main)
  if (unclear.length > 0) return { cells: [cell('ports', 'unknown', `Whether anything listens on port ${listed(unclear.map(String))} could not be found out: a datagram that the application does not understand has no answer.${scope}`)], findings: [] }
  const unused = closed.length > 0 ? ` Nobody answers on port ${listed(closed.map(String))}, as at every other backend.` : ''
  return { cells: [cell('ports', 'ok', `It answers on port ${listed(asked.filter((port) => !closed.includes(port)).map(String))}.${unused}${scope}`)], findings: [] }
}

/** Where clients come: through the VIPs in mode dsr, else at the own address. */
function answersOf({ farm, seen }: Pick<Case, 'farm' | 'seen'>): readonly DoctorAnswer[] {
  return farm.mode === 'dsr' ? seen.vips : seen.rip
}

function others({ farm, seen, evidence }: Case): DoctorAnswer[] {
  return evidence.backends.filter(({ name }) => name !== seen.name).flatMap((other) => answersOf({ farm, seen: other }))
}

/** A port that stands for itself in the farm, and not within a range. */
function isNamed(ports: readonly string[], port: number): boolean {
  return portRanges(ports).some(({ from, to }) => from === port && to === port)
}
