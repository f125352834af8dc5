import { z } from 'zod'
import { familyOf, inSubnet } from './address.ts'

/** A network interface of the appliance, as the agent reports it. `addresses` are the appliance's own, without the VIPs that the agent added. */
export const interfaceSchema = z
  .strictObject({
    name: z.string(),
    mac: z.string(),
    up: z.boolean(),
    mtu: z.int(),
    addresses: z.array(z.strictObject({ address: z.string(), prefix: z.int().min(0).max(128) })),
  })
  .meta({ id: 'Interface' })

export type Interface = z.output<typeof interfaceSchema>

/** True when one of the interface's subnets holds the address. Host addresses (/32, /128) have no subnet. */
export function holds(iface: Interface, address: string): boolean {
  const host = familyOf(address) === 'ipv6' ? 128 : 32
  return iface.addresses.some((own) => own.prefix < host && inSubnet(address, own.address, own.prefix))
}

/** The interface a farm uses: the one it names, else the one whose subnet holds the VIP; null when there is none. */
export function interfaceOf(farm: { interface: string | null; vip: string }, interfaces: readonly Interface[]): Interface | null {
  if (farm.interface !== null) return interfaces.find((iface) => iface.name === farm.interface) ?? null
  return interfaces.find((iface) => holds(iface, farm.vip)) ?? null
}
