import { addressBytes } from '#lib/domain/address.ts'
import { packetProtocols } from '#lib/domain/farm.ts'
import { portRanges } from '#lib/domain/ports.ts'
import type { NftlbFarm } from '#lib/render/nftlb.ts'
import type { DispatchMap } from './names.ts'

/** One key of a dispatch map, as nft writes and prints it, and the chain that it leads to. */
export type DispatchEntry = { map: DispatchMap; key: string; chain: string }

const protocolNumbers = { tcp: 6, udp: 17, sctp: 132 } as const

/** The chain for packets inside ICMP errors about a farm's replies. */
export function errorChain(farm: string): string {
  return `${farm}-errors`
}

/** Every way from a packet to a farm: for each VIP and protocol the ports, the ranges, or all of them; and the same for ICMP errors. */
export function dispatchOf(farm: NftlbFarm): DispatchEntry[] {
  const six = farm.family === 'ipv6' ? '6' : '4'
  const ranges = farm['virtual-ports'] === '' ? null : portRanges(farm['virtual-ports'].split(','))
  const vips = [farm['virtual-addr'], ...(farm.addresses ?? []).map((address) => address['ip-addr'])]
  return vips.flatMap((vip) =>
    packetProtocols(farm.protocol).flatMap((protocol): DispatchEntry[] => {
      const [packet, error] = [`${protocol} . ${vip}`, `${protocolNumbers[protocol]} . ${rawAddress(vip)}`]
      if (!ranges) {
        return [
          { map: `vips${six}`, key: packet, chain: farm.name },
          { map: `errorvips${six}`, key: error, chain: errorChain(farm.name) },
        ]
      }
      return ranges.flatMap(({ from, to }): DispatchEntry[] => {
        const single = from === to
        const ports = single ? String(from) : `${from}-${to}`
        return [
          { map: `${single ? 'ports' : 'ranges'}${six}`, key: `${packet} . ${ports}`, chain: farm.name },
          { map: `${single ? 'errors' : 'errorranges'}${six}`, key: `${error} . ${ports}`, chain: errorChain(farm.name) },
        ]
      })
    }),
  )
}

/** An address as the number that nft prints for raw payload: decimal up to 64 bits, hexadecimal beyond, without leading zeros. */
export function rawAddress(address: string): string {
  const value = addressBytes(address).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
  return value < 1n << 64n ? String(value) : `0x${value.toString(16)}`
}
