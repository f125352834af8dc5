import { farmSchema, type Farm } from '#lib/domain/farm.ts'

/** The four kinds of packets that are measured. */
export const kinds = ['tcp4', 'udp4', 'tcp6', 'udp6'] as const
export type Kind = (typeof kinds)[number]

export const port = 5000
export const sizes = [4093, 65537] as const

/** MAC addresses of the backends; one machine has them all. */
export const backendMacs = Array.from({ length: 10 }, (_, i) => `02:00:5e:00:00:${(i + 1).toString(16).padStart(2, '0')}`)

export const protocolOf = (kind: Kind): 'tcp' | 'udp' => (kind.startsWith('tcp') ? 'tcp' : 'udp')
const six = (kind: Kind): boolean => kind.endsWith('6')

type Serving = { scheduler: 'symhash' } | { scheduler: 'maglev'; slots: (typeof sizes)[number]; handover: boolean }

/** What serves the packets of one kind, under a VIP of its own: on the appliance whose farms are all of the native engine, or on the one that has both. */
export type Service = { kind: Kind; vip: string; serving: Serving; name: string; on: 'native' | 'mixed' }

const maglev = [false, true].flatMap((handover) => sizes.map((slots): Serving => ({ scheduler: 'maglev', slots, handover })))
const mixed: Serving[] = [{ scheduler: 'symhash' }, { scheduler: 'maglev', slots: 4093, handover: false }]
const served = [...maglev.map((serving) => ({ serving, on: 'native' as const })), ...mixed.map((serving) => ({ serving, on: 'mixed' as const }))]

/** Every farm of the measurement. A datagram does not tell whether its flow is new, so that UDP has no handover. */
export const services: Service[] = kinds.flatMap((kind) =>
  served.flatMap(({ serving, on }, index) => {
    const { scheduler } = serving
    if (scheduler === 'maglev' && serving.handover && protocolOf(kind) === 'udp') return []
    const name = scheduler === 'maglev' ? `${kind}-${serving.slots}${serving.handover ? '-handover' : ''}` : `${kind}-symhash`
    const host = 101 + 10 * kinds.indexOf(kind) + index
    return [{ kind, serving, name, on, vip: six(kind) ? `2001:db8:113::${host}` : `203.0.113.${host}` }]
  }),
)

export function serviceOf(kind: Kind, on: Service['on'], matches: (serving: Serving) => boolean): Service {
  const found = services.find((one) => one.kind === kind && one.on === on && matches(one.serving))
  if (!found) throw new Error(`Nothing serves ${kind} in this way.`)
  return found
}

/** The farm of a service. A handover begins by `turned`: the first five backends have rested, and now the other five do, so that every slot moves. */
export function farmOf({ kind, vip, serving, name }: Service, turned: boolean): Farm {
  const handover = serving.scheduler === 'maglev' && serving.handover
  const backends = backendMacs.map((mac, i) => ({
    name: `web${i + 1}`,
    address: six(kind) ? `2001:db8:113::${61 + i}` : `203.0.113.${61 + i}`,
    mac,
    adminState: handover && i < 5 !== turned ? ('draining' as const) : ('enabled' as const),
  }))
  const { scheduler } = serving
  const table = serving.scheduler === 'maglev' ? { slots: serving.slots, handoverPeriod: 86_400 } : {}
  return farmSchema.parse({ name, vip, protocol: protocolOf(kind), ports: [String(port)], scheduler, ...table, backends })
}
