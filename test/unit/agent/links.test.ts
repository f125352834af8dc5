import { describe, expect, it } from 'vitest'
import { concernsAll, type Links, type Placed } from '#agent/links.ts'

const own = { address: '203.0.113.1', prefix: 24 }
const vip: Placed = { interface: 'eth0', address: '203.0.113.7', prefix: 32, duplicate: false }
const other: Placed = { interface: 'eth0', address: '203.0.113.8', prefix: 32, duplicate: false }

/** An appliance with one interface that carries its own address and these VIPs; `added` are noted but not read yet. */
function machine(vips: readonly Placed[], added: readonly Placed[] = [], mac = '52:54:00:00:00:01'): Links {
  const addresses = [own, ...vips.map(({ address, prefix }) => ({ address, prefix }))]
  return { interfaces: [{ name: 'eth0', mac, up: true, mtu: 1500, addresses }], placed: [{ ...own, interface: 'eth0', duplicate: false }, ...added, ...vips] }
}

const ours = ({ prefix }: Placed): boolean => prefix === 32

describe('a change of the interfaces', () => {
  it('does not concern all farms when a VIP came that was added for one of them, in whatever order the kernel lists it', () => {
    expect(concernsAll(machine([vip], [other]), machine([vip, other]), ours)).toBe(false)
  })

  it('does not concern all farms when a VIP left with its farm', () => {
    expect(concernsAll(machine([vip, other]), machine([vip]), (one) => ours(one) && one.address !== other.address)).toBe(false)
  })

  it('concerns all farms when somebody else removed a VIP', () => {
    expect(concernsAll(machine([vip, other]), machine([vip]), ours)).toBe(true)
  })

  it('concerns all farms when an interface has another MAC', () => {
    expect(concernsAll(machine([vip]), machine([vip], [], '52:54:00:00:00:02'), ours)).toBe(true)
  })

  it('concerns all farms when the machine got another address of its own', () => {
    const after = machine([vip])
    expect(concernsAll(machine([vip]), { ...after, interfaces: after.interfaces.map((iface) => ({ ...iface, addresses: [...iface.addresses, { address: '198.51.100.1', prefix: 24 }] })) }, ours)).toBe(true)
  })
})
