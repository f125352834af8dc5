import { z } from 'zod'
import { probeReasons, probeTypes } from '../monitor.ts'

/** What `POST /v1/doctor` of the agent takes: one farm, and of its backends those that are named; null is all. */
export const doctorRequestSchema = z.strictObject({ farm: z.string(), backends: z.array(z.string()).nullable() })

/** One question and its answer: `reason` is null when the answer was good. */
const answerSchema = z.strictObject({
  address: z.string(),
  port: z.int().nullable(),
  type: z.enum(probeTypes),
  reason: z.enum(probeReasons).nullable(),
  detail: z.string().describe('What was seen, in words.'),
})

/** null: it was not asked. */
const answered = z.boolean().nullable()

const backendEvidenceSchema = z.strictObject({
  name: z.string(),
  address: z.string(),
  onSubnet: z.boolean().describe("Whether the farm's interface has a subnet with this address."),
  mac: z.string().nullable().describe('The MAC address in use: what the kernel knows, or what the farm says.'),
  pinned: z.boolean().describe('The farm says which MAC address it has.'),
  macs: z.array(z.string()).nullable().describe('Who answered a fresh question for the address; null: not asked.'),
  echo: z.strictObject({ small: answered, large: answered, bytes: z.int().describe('Size of the large packet.') }),
  rip: z.array(answerSchema).describe('Questions to its own address.'),
  vips: z.array(answerSchema).describe('Questions to VIPs through it.'),
  vipEchoes: z.array(z.strictObject({ vip: z.string(), answered })).describe('ICMP echoes to VIPs through it.'),
  returned: z.strictObject({
    echo: answered.describe('Whether its reply to an echo from another network came to the appliance.'),
    from: z.string().nullable().describe('The address in that network; null when it was not asked.'),
    packets: z.int().describe('Packets from a VIP to somebody else that it sent to the appliance meanwhile.'),
  }),
  kernel: z.strictObject({
    serves: z.boolean().describe('Whether the agent has it in use for new clients.'),
    found: answered.describe('Whether the rules of the farm in the kernel have it; null: they could not be read.'),
  }),
})

/** An ARP or NDP packet in the name of a VIP that was not sent where the farm is, and when it was heard last. `backend`: whose MAC address that is, as far as the agent knows. */
const heardSchema = z.strictObject({
  vip: z.string(),
  mac: z.string(),
  what: z.enum(['question', 'answer']),
  at: z.iso.datetime(),
  backend: z.strictObject({ farm: z.string(), name: z.string() }).nullable(),
  own: z.string().nullable().describe('The interface of the appliance with this MAC address; null: it is somebody else.'),
})

/** What the agent saw on the wire when it examined one farm. It says nothing about what this means. */
export const doctorEvidenceSchema = z.strictObject({
  farm: z.string(),
  at: z.iso.datetime().describe('When the examination ended.'),
  tookMs: z.int(),
  trouble: z.string().nullable().describe('Why nothing could be asked; null when it could.'),
  obstacles: z.array(z.string()).describe('What could not be asked, a sentence each.'),
  interface: z.strictObject({ name: z.string(), mac: z.string(), mtu: z.int(), source: z.string().nullable().describe('The own address that asked.') }).nullable(),
  ports: z.strictObject({ asked: z.array(z.int()), of: z.int().describe('How many the farm has; 65535 when it has every port.') }),
  listeningSince: z.iso.datetime().nullable().describe('Since when ARP and NDP packets in the name of VIPs are noted; null: they are not.'),
  heard: z.array(heardSchema),
  backends: z.array(backendEvidenceSchema),
})

export type DoctorRequest = z.output<typeof doctorRequestSchema>
export type DoctorAnswer = z.output<typeof answerSchema>
export type BackendEvidence = z.output<typeof backendEvidenceSchema>
export type Heard = z.output<typeof heardSchema>
export type DoctorEvidence = z.output<typeof doctorEvidenceSchema>

/** One item of the last check of a backend's preparation, in words. */
export type PreparationItem = { code: string; subject: string; verdict: 'ok' | 'fail' | 'warn'; text: string; fix: string | null }

/**
 * What the console knows of the preparation of a backend. `reason`: why none is needed. `receivedAt` (ISO time), `items`,
 * `open` (what the check did not tell for certain) and `changes` (what changed at its farms since; a sentence each) are of the last check.
 */
export type PreparationKnown = {
  status: 'not-needed' | 'never-checked' | 'failed' | 'stale' | 'open' | 'verified'
  reason: string | null
  receivedAt: string | null
  items: readonly PreparationItem[]
  open: readonly string[]
  changes: readonly string[]
}
