import { familyOf } from '#lib/domain/address.ts'
import { command, inside, setSysctls } from './command.ts'
import type { PrepMachine } from './prep-machine.ts'

export type Reached = 'answers' | 'refused' | 'silence'

const farClients = { ipv4: '198.51.100.1', ipv6: '2001:db8:51::1' } as const

/** The neighbour sends what is for these VIPs to the machine, as an appliance does, and is a client of another network itself. */
export async function passOn({ neighbour }: PrepMachine, vips: readonly string[], own: string): Promise<void> {
  const family = familyOf(own)
  await command(['ip', '-n', neighbour.namespace, 'addr', 'replace', `${farClients[family]}/${family === 'ipv6' ? 128 : 32}`, 'dev', 'lo'])
  // A machine that sends such a packet back tells the neighbour to ask elsewhere; an appliance does not listen to that.
  await setSysctls(neighbour.namespace, { 'net/ipv4/conf/all/accept_redirects': '0', 'net/ipv6/conf/eth0/accept_redirects': '0' })
  for (const vip of vips) await command(['ip', '-n', neighbour.namespace, 'route', 'replace', vip, 'via', own])
}

/** Says something to the application behind a VIP, as a client of another network or of the machine's own. It is called silence when some seconds bring no answer. */
export async function reach({ neighbour }: PrepMachine, vip: string, { port = 80, near = false } = {}): Promise<Reached> {
  const six = familyOf(vip) === 'ipv6'
  const at = (address: string): string => (six ? `[${address}]` : address)
  const source = near ? '' : `,bind=${at(farClients[six ? 'ipv6' : 'ipv4'])}`
  // Whether the machine can be found at all must not depend on what the neighbour remembers.
  await command(['ip', '-n', neighbour.namespace, 'neigh', 'flush', 'dev', neighbour.nic.device])
  const talk = command(inside(neighbour.namespace, ['sh', '-c', 'echo hello | socat -t 3 - "$1"', 'sh', `TCP${six ? 6 : 4}:${at(vip)}:${port},connect-timeout=2${source}`]))
  return talk.then(
    (said) => (said === 'hello\n' ? 'answers' : 'silence'),
    (error: unknown) => (/refused|No route to host|Permission denied/.test(String(error)) ? 'refused' : 'silence'),
  )
}
