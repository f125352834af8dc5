import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { removeNamespaces } from '#scripts/run/namespaces.mjs'
import { command, inside, setSysctls } from './command.ts'
import { labPrefix } from './lab.ts'
import { attach, configure, type Nic } from './nic.ts'
import { contentsOf, createPrepFolder } from './prep-folder.ts'
import { createRunner, type Runner } from './prep-run.ts'
import { addNamespace, addSwitch } from './topology.ts'

/** A backend in a namespace with a card for both families, and a folder for scripts, shells, tools and state. */
export type PrepMachine = {
  namespace: string
  nic: Nic
  /** Another host of the same network; it is the default gateway too. */
  neighbour: { namespace: string; nic: Nic }
  folder: string
  ip: (...args: string[]) => Promise<string>
  sh: (text: string) => Promise<string>
  run: Runner['run']
  /** What a script may change in the kernel: addresses, the ARP settings of every interface, and the rules of nft. */
  snapshot: () => Promise<string>
  /** What a script may change on the disk of `ownFiles`. */
  files: () => Record<string, string>
  /** A boot as far as a script can tell (with `ownFiles`): a new namespace, in which only lo is up. The folder stays. */
  reboot: () => Promise<void>
  /** After a boot: brings the card up, with its addresses and routes. */
  connect: () => Promise<void>
  remove: () => Promise<void>
}

export async function createPrepMachine(): Promise<PrepMachine> {
  const prefix = labPrefix()
  const [namespace, other] = [`${prefix}web1`, `${prefix}other`]
  const folder = createPrepFolder()
  const remove = async (): Promise<void> => {
    removeNamespaces(prefix)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const network = await addSwitch(`${prefix}lan`)
    await addHost(other)
    await addHost(namespace)
    const neighbour = { namespace: other, nic: await attach(other, 'eth0', network, ['10.9.0.1/24', 'fd09::1/64', 'fe80::1/64'], []) }
    const nic = await attach(namespace, 'eth0', network, ['10.9.0.21/24', '10.9.0.22/24', 'fd09::21/64', 'fe80::21/64'], ['10.9.0.1', 'fd09::1'])
    let boots = 1
    const runner = createRunner(namespace, folder)
    const sh = (text: string) => command(inside(namespace, ['sh', '-c', text]))
    return {
      namespace,
      nic,
      neighbour,
      folder,
      remove,
      sh,
      ip: (...args) => command(['ip', '-n', namespace, ...args]),
      run: runner.run,
      // After a boot a card may have another number.
      snapshot: () => sh('ip -o addr | sed "s/^[0-9]*: //"; grep . /proc/sys/net/ipv4/conf/*/arp_ignore /proc/sys/net/ipv4/conf/*/arp_announce; nft list ruleset'),
      files: () => contentsOf(folder),
      reboot: async () => {
        // The card is kept, so that the switch and who listens there do not notice.
        await command(['ip', '-n', namespace, 'link', 'set', nic.device, 'netns', network])
        removeNamespaces(namespace)
        runner.forget()
        boots += 1
        writeFileSync(join(folder, 'boot_id'), `boot-${boots}\n`)
        await addHost(namespace)
        await command(['ip', '-n', network, 'link', 'set', nic.device, 'netns', namespace])
      },
      connect: () => configure(namespace, nic),
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Lends a machine of its own to some work. */
export async function onPrepMachine(work: (machine: PrepMachine) => Promise<void>): Promise<void> {
  const machine = await createPrepMachine()
  await work(machine).finally(machine.remove)
}

/** Link-local addresses that the kernel makes change by themselves while they are probed; the snapshots must not. */
async function addHost(name: string): Promise<void> {
  await addNamespace(name)
  await setSysctls(name, { 'net/ipv6/conf/default/addr_gen_mode': '1' })
}
