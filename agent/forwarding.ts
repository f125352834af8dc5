import { readFile, writeFile } from 'node:fs/promises'
import type { NftlbFarm } from '#lib/render/nftlb.ts'
import type { Log } from './log.ts'

const paths = { ipv4: '/proc/sys/net/ipv4/ip_forward', ipv6: '/proc/sys/net/ipv6/conf/all/forwarding' }

/** SNAT and DNAT hand packets on through the kernel's own routing, which must be allowed to forward (ip-sysctl: ip_forward). It is never switched off again. */
export async function allowForwarding(farms: readonly NftlbFarm[], log: Log): Promise<void> {
  for (const [family, path] of Object.entries(paths)) {
    if (!farms.some((farm) => farm.family === family && (farm.mode === 'snat' || farm.mode === 'dnat'))) continue
    if ((await readFile(path, 'utf8')).trim() !== '0') continue
    await writeFile(path, '1')
    log.info({ path }, 'forwarding switched on for NAT farms')
  }
}
