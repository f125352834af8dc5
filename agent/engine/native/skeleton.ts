import { countingSets, dispatchMaps, idRoom, table, type DispatchMap } from './names.ts'
import { sharedChains } from './device-rules.ts'
import { ruleLine } from './rule-line.ts'

/** libnftables 1.0.6 cannot name the type of a hash, but that of a counter, which is the same 32-bit number (kernel: nft_numgen.c, nft_hash.c). */
const number = 'numgen inc mod 4093'

/** A slot map, as nft declares it. `size` is the number of its slots. */
export function slotMapDeclaration(size: number): string {
  return `{ typeof ${number} : meta mark; size ${size}; }`
}

/** A map from connections or fragments to backends that packets fill; `size` entries, each for `seconds` unless it says otherwise. */
export function memoryDeclaration(size: number, seconds: number): string {
  return `{ typeof ${number} . ${number} : meta mark; size ${size}; flags dynamic,timeout; timeout ${seconds}s; }`
}

const fragmentRoom = 65_536
const fragmentSeconds = 5

/** Creates the table with everything that does not belong to one farm or interface. Nothing happens to what exists already. */
export function skeleton(): string {
  const sets = countingSets.map((name) => `add set netdev ${table} ${name} { typeof meta mark; size ${idRoom}; counter; }`)
  const maps = dispatchMaps.map((name) => `add map netdev ${table} ${name} { typeof ${keyType(name)} : verdict; ${name.includes('ranges') ? 'flags interval; ' : ''}}`)
  const chains = [...sharedChains].flatMap(([name, rules]) => [`add chain netdev ${table} ${name}`, `flush chain netdev ${table} ${name}`, ...rules.map((rule) => ruleLine(name, rule))])
  return [
    `add table netdev ${table}`,
    ...sets,
    `add map netdev ${table} macs { typeof meta mark : ether daddr; size ${idRoom}; }`,
    `add map netdev ${table} fragments ${memoryDeclaration(fragmentRoom, fragmentSeconds)}`,
    ...maps,
    ...chains,
  ].join('\n')
}

function keyType(name: DispatchMap): string {
  const six = name.endsWith('6')
  if (name.startsWith('vips')) return `meta l4proto . ip${six ? '6' : ''} daddr`
  if (!name.startsWith('error')) return `meta l4proto . ip${six ? '6' : ''} daddr . th dport`
  const address = six ? '@nh,432,8 . @nh,448,128' : '@nh,296,8 . @nh,320,32'
  return name.startsWith('errorvips') ? address : `${address} . ${six ? '@nh,704,16' : '@nh,384,16'}`
}
