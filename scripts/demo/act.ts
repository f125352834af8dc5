import type { AdminState } from '#lib/domain/farm.ts'
import { setNic } from '#test/lab/nic.ts'
import { backendNames, type DemoSite } from './site.ts'

export const menu = [
  'break NAME     pull the network cable of a backend (web1, web2, web3)',
  'repair NAME    plug it in again',
  'drain NAME     no new clients for it; those it has may finish',
  'disable NAME   out of the farm at once',
  'enable NAME    back into the farm',
  'status         what the appliance says',
  'help           this list;  quit or Ctrl-C removes everything',
].join('\n')

const verbs = { drain: 'draining', disable: 'disabled', enable: 'enabled' } as const satisfies Record<string, AdminState>

/** Does what one line asks for and answers in words; what is not understood is answered with the menu. */
export async function act({ topology, appliance }: DemoSite, line: string): Promise<string> {
  const [verb = '', name = ''] = line.trim().split(/\s+/)
  if (verb === 'status') return status(appliance.api)
  if (verb === 'help' || verb === '') return menu
  const machine = topology.backends.find((one) => one.name === name)
  if (!machine) return `There is no backend "${name}"; they are ${backendNames.join(', ')}.\n${menu}`
  if (verb === 'break' || verb === 'repair') {
    await setNic(machine.namespace, machine.nic, verb === 'break' ? 'down' : 'up')
    return verb === 'break' ? `${name}: the cable is out. Its requests fail until the appliance notices.` : `${name}: the cable is in again.`
  }
  if (verb === 'drain' || verb === 'disable' || verb === 'enable') {
    const { pending } = await appliance.api.setAdminState('web', name, verbs[verb])
    return `${name} is ${verbs[verb]}${pending ? ', as soon as the agent has applied it' : ''}.`
  }
  return menu
}

async function status(api: DemoSite['appliance']['api']): Promise<string> {
  const farm = await api.farmStatus('web')
  const backends = farm.backends.map((one) => `  ${one.name}: ${one.status}, ${one.active ? 'active' : 'not active'}, MAC ${one.mac ?? 'unknown'}`)
  const faults = farm.faults.map((fault) => `  ${fault.severity}: ${fault.title}. ${fault.detail}`)
  return [`farm web is ${farm.status}`, ...backends, ...faults].join('\n')
}
