import { join } from 'node:path'
import { command, inside } from './command.ts'
import { attach } from './nic.ts'
import { addressV4, addressV6, lan, type Machine, type Topology } from './topology.ts'

/** Plugs a second appliance into the LAN, as it would stand by for the first. It has no agent and no VIP. */
export async function addStandby({ prefix, lb }: Topology): Promise<Machine> {
  const namespace = `${prefix}standby`
  await command(['ip', 'netns', 'add', namespace])
  await command(['ip', '-n', namespace, 'link', 'set', 'lo', 'up'])
  const nic = await attach(namespace, 'eth0', lb.nic.network, [`${addressV4(lan, 3)}/24`, `${addressV6(lan, 3)}/64`], [addressV4(lan, 1), addressV6(lan, 1)])
  return { name: 'standby', namespace, nic }
}

/** Gives a machine the nft rules of another, which name the other's MAC address. Both have the same interfaces. */
export async function copyRules({ folder }: Topology, from: Machine, to: Machine): Promise<void> {
  const file = join(folder, `rules-of-${from.name}.nft`)
  await command(inside(from.namespace, ['sh', '-c', 'nft list ruleset >"$1"', 'sh', file]))
  await command(inside(to.namespace, ['nft', '-f', file]))
}

/** Makes the LAN's switch forget where everybody is, for good: every frame reaches every machine, as it happens when a table of addresses is full. */
export async function floodLan({ lb }: Topology): Promise<void> {
  await command(['ip', '-n', lb.nic.network, 'link', 'set', 'br0', 'type', 'bridge', 'ageing_time', '0'])
  await command(['ip', '-n', lb.nic.network, 'link', 'set', 'br0', 'type', 'bridge', 'fdb_flush'])
}
