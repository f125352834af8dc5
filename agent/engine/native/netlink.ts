// nfnetlink as the kernel speaks it: linux/netlink.h, linux/netfilter/nfnetlink.h, linux/netfilter/nf_tables.h. Headers are in
// the machine's byte order (Debian's nftlb exists for little-endian machines), numbers in attributes in network order.

/** One message: its number within nf_tables (or null for one of netlink itself), the request it answers, and its attributes' bytes. */
export type Message = { kind: number | null; control: number | null; sequence: number; interrupted: boolean; body: Buffer }

export const messages = { getRule: 7, newElement: 12, newGeneration: 15 } as const
export const control = { error: 2, done: 3 } as const

const nfTables = 10
const netdev = 5
const headerBytes = 16
const familyBytes = 4
const dumpFlags = 0x301
const interruptedFlag = 0x10
const typeBits = 0x3fff

/** Takes whole messages off a stream of bytes and answers what is left of it. */
export function takeMessages(bytes: Buffer, take: (message: Message) => void): Buffer {
  let at = 0
  while (bytes.length - at >= headerBytes) {
    const length = bytes.readUInt32LE(at)
    if (length < headerBytes || length > bytes.length - at) break
    const type = bytes.readUInt16LE(at + 4)
    const own = type >> 8 === nfTables
    take({
      kind: own ? type & 0xff : null,
      control: own ? null : type,
      sequence: bytes.readUInt32LE(at + 8),
      interrupted: (bytes.readUInt16LE(at + 6) & interruptedFlag) !== 0,
      body: bytes.subarray(at + headerBytes + (own ? familyBytes : 0), at + length),
    })
    at += (length + 3) & ~3
  }
  return bytes.subarray(at)
}

/** The attributes of a message or of a nested attribute, by number; of several with one number the last. */
export function readAttributes(bytes: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>()
  for (let at = 0; bytes.length - at >= 4; ) {
    const length = bytes.readUInt16LE(at)
    if (length < 4 || length > bytes.length - at) break
    found.set(bytes.readUInt16LE(at + 2) & typeBits, bytes.subarray(at + 4, at + length))
    at += (length + 3) & ~3
  }
  return found
}

/** An attribute that holds a text, which ends with a zero byte. */
export function readText(bytes: Buffer | undefined): string {
  return bytes?.toString('latin1').replace(/\0+$/, '') ?? ''
}

/** A request for all objects of a kind in family netdev that match the given texts (attribute number → text). */
export function dumpRequest(kind: number, sequence: number, texts: ReadonlyMap<number, string>): Buffer {
  const attributes = [...texts].map(([type, text]) => {
    const value = Buffer.from(`${text}\0`, 'latin1')
    const padded = Buffer.alloc((4 + value.length + 3) & ~3)
    padded.writeUInt16LE(4 + value.length, 0)
    padded.writeUInt16LE(type, 2)
    value.copy(padded, 4)
    return padded
  })
  const head = Buffer.alloc(headerBytes + familyBytes)
  head.writeUInt32LE(head.length + attributes.reduce((sum, one) => sum + one.length, 0), 0)
  head.writeUInt16LE((nfTables << 8) | kind, 4)
  head.writeUInt16LE(dumpFlags, 6)
  head.writeUInt32LE(sequence, 8)
  head.writeUInt8(netdev, headerBytes)
  return Buffer.concat([head, ...attributes])
}
