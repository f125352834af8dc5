import { readFile, writeFile } from 'node:fs/promises'
import { fault, type Fault } from '#lib/domain/fault.ts'
import type { NftlbFarm } from '#lib/render/nftlb.ts'

const paths = { ipv4: '/proc/sys/net/ipv4/ip_forward', ipv6: '/proc/sys/net/ipv6/conf/all/forwarding' }

/**
 * SNAT and DNAT hand packets on through the kernel's own routing, which must be allowed to forward (ip-sysctl: ip_forward).
 * It is switched on when such a farm comes and never off again. Answers a fault where that is not possible, as in a container.
 */
export async function allowForwarding(farms: readonly NftlbFarm[]): Promise<Fault[]> {
  const needed = Object.entries(paths).filter(([family]) => farms.some((farm) => farm.family === family && (farm.mode === 'snat' || farm.mode === 'dnat')))
  const faults = await Promise.all(needed.map(([, path]) => switchOn(path)))
  return faults.flatMap((one) => one ?? [])
}

async function switchOn(path: string): Promise<Fault | null> {
  try {
    if ((await readFile(path, 'utf8')).trim() === '0') await writeFile(path, '1')
    return null
  } catch {
    return fault('forwarding-off', `${path} is 0 and cannot be written here.`)
  }
}
