import { z } from 'zod'
import type { NftlbFarm } from '#lib/render/nftlb.ts'

const text = z.string().default('')
const heldSchema = z.object({
  farms: z
    .array(
      z.object({
        name: text,
        family: text,
        'virtual-addr': text,
        'virtual-ports': text,
        mode: text,
        protocol: text,
        scheduler: text,
        'sched-param': text,
        persistence: text,
        'persist-ttl': text,
        state: text,
        backends: z.array(z.object({ name: text, 'ip-addr': text, port: text, weight: text, state: text })).default([]),
      }),
    )
    .default([]),
})

/**
 * True when nftlb's own answer to GET /farms shows exactly these farms and backends. It leaves out interface and MAC
 * addresses, which the kernel's rules show, and prints a blank after each word of a list.
 */
export function holdsExactly(answer: string, wanted: readonly NftlbFarm[]): boolean {
  return digest(heldSchema.parse(JSON.parse(answer))) === digest(heldSchema.parse({ farms: wanted }))
}

function digest({ farms }: z.output<typeof heldSchema>): string {
  const words = ({ backends, ...farm }: (typeof farms)[number]): string[] => [
    ...Object.entries(farm).map(([key, value]) => `${key} ${value.trim()}`),
    ...backends.map((backend) => Object.values(backend).join(' ')).sort(),
  ]
  return JSON.stringify(farms.map(words).sort((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1)))
}
