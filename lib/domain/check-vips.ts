import { familyOf } from './address.ts'
import { draftVips, type Draft } from './draft.ts'
import type { Problem } from './problem.ts'

/** Rules about the additional VIPs of one farm: only the scheduler maglev has them, in one family, and none twice. */
export function checkVips(draft: Draft): Problem[] {
  return [...scheduled(draft), ...beside(draft)]
}

function scheduled({ additionalVips = [], scheduler }: Draft): Problem[] {
  if (additionalVips.length === 0 || scheduler === undefined || scheduler === 'maglev') return []
  return [{ pointer: '/additionalVips', code: 'additional-vips-need-maglev', message: `A farm with scheduler ${scheduler} has one VIP.`, hint: 'Use scheduler maglev in mode dsr, or make one farm for each VIP.' }]
}

function beside(draft: Draft): Problem[] {
  const { vip } = draft
  if (vip === undefined) return []
  return draftVips({ additionalVips: draft.additionalVips }).flatMap(({ address, pointer }) => {
    if (address === vip) return [{ pointer, code: 'additional-vip-is-vip', message: `${address} is the first VIP of this farm already.`, hint: 'List it once.' }]
    if (familyOf(address) === familyOf(vip)) return []
    return [{ pointer, code: 'family-mixed', message: `The first VIP is ${familyOf(vip) === 'ipv4' ? 'IPv4' : 'IPv6'} and this one is not.`, hint: 'Make one farm for IPv4 and one for IPv6.' }]
  })
}
