import { vipsOf } from '../farm.ts'
import { cell, familyOfCase, findingOf, isFresh, itemsOf, listed, type Case, type Judgement } from './case.ts'
import type { DoctorVerdict } from './checks.ts'
import type { BackendEvidence, Heard } from './evidence.ts'
import { isAbsent, isMute } from './judge-place.ts'
import type { DoctorCell, DoctorFinding } from './run.ts'

/**
 * How long a question in the name of a VIP counts, and how long none must have been heard until that says something, in ms: machines
 * seldom ask for a neighbour that they do not know.
 */
const longEnoughMs = 3_600_000

/** What the backend does with the VIP beside serving it: checks leak, sender and reply. */
export function judgeVip(one: Case): Judgement {
  if (one.farm.mode !== 'dsr') return { cells: (['leak', 'sender', 'reply'] as const).map((check) => cell(check, 'skipped', 'Only mode dsr puts the VIP on backends.')), findings: [] }
  const parts = [judgeLeak(one), judgeSender(one), judgeReply(one)]
  return { cells: parts.flatMap(({ cells }) => cells), findings: parts.flatMap(({ findings }) => findings) }
}

/** True for a MAC address that the backend answers from, or that it is addressed by. */
export function isOf({ mac, macs }: BackendEvidence, other: string): boolean {
  return mac === other || macs?.includes(other) === true
}

function heardOf({ evidence, seen }: Case, what: Heard['what']): Heard[] {
  return evidence.heard.filter((heard) => heard.what === what && isOf(seen, heard.mac))
}

function judgeLeak(one: Case): Judgement {
  const answers = heardOf(one, 'answer')
  const vips = listed(answers.map(({ vip }) => vip))
  if (answers.length > 0) {
    const finding = findingOf(one, 'vip-leaked', `${listed(answers.map(({ mac }) => mac))} answered questions for the MAC address of ${vips}.`, { vip: vips })
    return judged(cell('leak', 'fail', finding.evidence), finding)
  }
  if (one.evidence.listeningSince === null) return judged(cell('leak', 'unknown', 'Nobody was asked for the MAC address of a VIP.'))
  if (isMute(one)) return judged(cell('leak', 'unknown', 'It does not answer such questions for its own address either.'))
  return judged(cell('leak', 'ok', `Questions for the MAC address of ${listed(vipsOf(one.farm))} had no answer from it.`))
}

function judgeSender(one: Case): Judgement {
  const questions = heardOf(one, 'question').filter(({ at }) => isCurrent(one, at))
  const vips = listed(questions.map(({ vip }) => vip))
  if (questions.length > 0) {
    const finding = findingOf(one, 'vip-sender', `${listed(questions.map(({ mac }) => mac))} asked for another machine in the name of ${vips}, last at ${questions.map(({ at }) => at).sort().at(-1)}.`, { vip: vips })
    return judged(cell('sender', 'fail', finding.evidence), finding)
  }
  const { listeningSince: since, at } = one.evidence
  if (since === null) return judged(cell('sender', 'unknown', 'Nobody listens for questions in the name of a VIP.'))
  const heard = `No question of it in the name of a VIP was heard since ${since}`
  if (one.preparation?.status === 'verified') return judged(cell('sender', 'ok', `${heard}, and the last check of its preparation passed.`))
  if (familyOfCase(one) === 'ipv6' || Date.parse(at) - Date.parse(since) >= longEnoughMs) return judged(cell('sender', 'ok', `${heard}.`))
  return judged(cell('sender', 'unknown', `${heard}. It shows only when the backend asks for a machine that it does not know, so that is too short; the check of its preparation sees it at once.`))
}

/** A question counts for an hour, unless a check since found nothing that lets its sender ask so. */
function isCurrent(one: Case, at: string): boolean {
  const { evidence, preparation } = one
  const checked = Date.parse(preparation?.receivedAt ?? '') > Date.parse(at)
  const wrong = preparation?.items.some(({ code, verdict }) => verdict === 'fail' && itemsOf(one, 'vip-sender').includes(code))
  if (checked && !wrong) return false
  return Date.parse(evidence.at) - Date.parse(at) < longEnoughMs
}

function judgeReply(one: Case): Judgement {
  const { echo, from, packets } = one.seen.returned
  if (packets > 0 || echo === true) {
    const words = [...(echo === true ? [`Its reply to an echo from ${from} came to the appliance.`] : []), ...(packets > 0 ? [`${packets} packets from a VIP to somebody else came to the appliance during the examination.`] : [])]
    const finding = findingOf(one, 'reply-returns', words.join(' '))
    return judged(cell('reply', 'fail', finding.evidence), finding)
  }
  if (isAbsent(one)) return judged(cell('reply', 'unknown', 'It does not answer on the network.'))
  if (echo === false && one.seen.echo.small === true) {
    const away = `Its reply to an echo from ${from}, which is in another network, did not come to the appliance`
    if (hasGateway(one)) return judged(cell('reply', 'ok', `${away}, and the last check of its preparation found another gateway.`))
    return judged(cell('reply', 'unknown', `${away}: it leaves another way or not at all. The check of its preparation sees which.`))
  }
  return judged(cell('reply', 'unknown', 'It answers no ICMP echo, and no reply of it was heard, so the way of its replies could not be seen.'))
}

/** That nothing came back is no proof that it went anywhere: only the backend itself sees its gateway. */
function hasGateway({ preparation, evidence }: Case): boolean {
  if (!preparation || preparation.status === 'stale' || preparation.receivedAt === null) return false
  const seen = preparation.items.filter(({ code }) => /^gateway/.test(code))
  return isFresh(preparation.receivedAt, evidence) && seen.length > 0 && seen.every(({ verdict }) => verdict === 'ok')
}

function judged(of: DoctorCell & { verdict: DoctorVerdict }, ...findings: DoctorFinding[]): Judgement {
  return { cells: [of], findings }
}
