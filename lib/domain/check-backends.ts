import { familyOf } from './address.ts'
import { draftVips, type Draft } from './draft.ts'
import { needsMac } from './farm.ts'
import { parsePortRange } from './ports.ts'
import { pointerOf, type Problem } from './problem.ts'

/** Rules about the backends of one farm: unique names and targets, one family, and the ports that the mode allows. */
export function checkBackends(draft: Draft): Problem[] {
  return [...unique(draft), ...families(draft), ...ports(draft)]
}

function unique(draft: Draft): Problem[] {
  const problems: Problem[] = []
  const names = new Map<string, number>()
  const targets = new Map<string, number>()
  draft.backends.forEach((backend, index) => {
    if (backend.name !== undefined) {
      const first = names.get(backend.name)
      if (first === undefined) names.set(backend.name, index)
      else problems.push(problem(['backends', index, 'name'], 'backend-name-taken', `Backend ${first + 1} is called ${backend.name} already.`, 'Give each backend of a farm its own name.'))
    }
    if (backend.address === undefined || backend.port === undefined) return
    const target = `${backend.address} ${draft.mode !== undefined && needsMac(draft.mode) ? '' : backend.port}`
    const first = targets.get(target)
    if (first === undefined) targets.set(target, index)
    else problems.push(problem(['backends', index, 'address'], 'backend-address-taken', `Backend ${first + 1} has this address already.`, 'List each backend once and use its weight to give it more.'))
  })
  return problems
}

function families(draft: Draft): Problem[] {
  const { vip } = draft
  const vips = draftVips(draft)
  return draft.backends.flatMap((backend, index) => {
    if (backend.address === undefined) return []
    const pointer = ['backends', index, 'address']
    if (vips.some(({ address }) => address === backend.address)) return [problem(pointer, 'backend-is-vip', 'A backend cannot have a VIP of its farm as its own address.', 'Use the address that the backend has on its network card.')]
    if (vip === undefined || familyOf(backend.address) === familyOf(vip)) return []
    return [problem(pointer, 'family-mixed', `The VIP is ${familyOf(vip) === 'ipv4' ? 'IPv4' : 'IPv6'} and this backend is not.`, 'Make one farm for IPv4 and one for IPv6.')]
  })
}

function ports(draft: Draft): Problem[] {
  if (draft.mode !== undefined && needsMac(draft.mode)) return draft.backends.flatMap((backend, index) => untranslated(draft, backend.port, index))
  const given = draft.backends.filter((backend) => typeof backend.port === 'number').length
  if (given === 0 || given === draft.backends.length) return []
  return draft.backends.flatMap((backend, index) =>
    backend.port === null ? [problem(['backends', index, 'port'], 'backend-port-mixed', 'Other backends of this farm have a port and this one has none.', 'Give every backend a port, or none of them.')] : [],
  )
}

function untranslated(draft: Draft, port: number | null | undefined, index: number): Problem[] {
  if (typeof port !== 'number' || !draft.ports) return []
  const only = draft.ports.length === 1 ? parsePortRange(draft.ports[0] ?? '') : null
  if (only && only.from === port && only.to === port) return []
  return [
    problem(
      ['backends', index, 'port'],
      draft.mode === 'dsr' ? 'dsr-port-translation' : 'stateless-port-translation',
      draft.mode === 'dsr'
        ? 'Direct Server Return cannot translate ports: the backend answers the client itself, from the port that the client used.'
        : 'Stateless DNAT cannot translate ports: nothing on the way back remembers which port the client used.',
      'Leave the port empty and let the application listen on the VIP port, or use mode snat or dnat.',
    ),
  ]
}

function problem(path: PropertyKey[], code: string, message: string, hint: string): Problem {
  return { pointer: pointerOf(path), code, message, hint }
}
