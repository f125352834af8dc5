import { vipsOf, type Farm } from '#lib/domain/farm.ts'
import type { Interface } from '#lib/domain/interface.ts'

export type Owner = { farm: string; name: string }

/** Whose MAC addresses and VIPs these are, as the farms are now. */
export type Who = {
  /** The backend with this MAC address: one of these farms before others, because a machine may serve several. */
  backendAt: (mac: string, farms: ReadonlySet<string>) => Owner | null
  /** The farms that have this VIP. */
  farmsOf: (vip: string) => ReadonlySet<string>
  /** The interface of the appliance with this MAC address. */
  ownAt: (mac: string) => string | null
}

/** `macOf`: the MAC address that the kernel knows. Looks at every backend once, so one call is for many questions. */
export function whoIsWho(served: ReadonlyArray<{ farm: Farm; iface: Interface }>, interfaces: readonly Interface[], macOf: (address: string, iface: string) => string | null): Who {
  const [backends, farms] = [new Map<string, Owner[]>(), new Map<string, Set<string>>()]
  for (const { farm, iface } of served) {
    for (const vip of vipsOf(farm)) farms.set(vip, (farms.get(vip) ?? new Set()).add(farm.name))
    for (const { name, address, mac } of farm.backends) {
      const known = mac ?? macOf(address, iface.name)
      if (known === null) continue
      const owners = backends.get(known)
      if (owners) owners.push({ farm: farm.name, name })
      else backends.set(known, [{ farm: farm.name, name }])
    }
  }
  return {
    backendAt: (mac, preferred) => {
      const owners = backends.get(mac) ?? []
      return owners.find(({ farm }) => preferred.has(farm)) ?? owners[0] ?? null
    },
    farmsOf: (vip) => farms.get(vip) ?? new Set(),
    ownAt: (mac) => interfaces.find((iface) => iface.mac === mac)?.name ?? null,
  }
}
