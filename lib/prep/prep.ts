import { z } from 'zod'
import type { Farm } from '../domain/farm.ts'

/** What a machine is prepared with: scripts that apply, check and undo; automation that runs them; and other ways of its system, as documents. */
export const prepSystems = [
  'linux',
  'linux-redirect',
  'windows-powershell',
  'windows-cmd',
  'ansible',
  'cloud-init',
  'netplan',
  'networkd',
  'networkmanager',
  'ifupdown',
  'freebsd',
  'container',
] as const
export const prepSystemSchema = z.enum(prepSystems)
export type PrepSystem = (typeof prepSystems)[number]

/** What people call each of them. */
export const prepTitles: Record<PrepSystem, string> = {
  'linux': 'Linux',
  'linux-redirect': 'Linux without VIP (REDIRECT)',
  'windows-powershell': 'Windows PowerShell',
  'windows-cmd': 'Windows cmd',
  'ansible': 'Ansible',
  'cloud-init': 'cloud-init',
  'netplan': 'netplan',
  'networkd': 'systemd-networkd',
  'networkmanager': 'NetworkManager',
  'ifupdown': 'ifupdown',
  'freebsd': 'FreeBSD',
  'container': 'Container',
}

/** One line of "what this script changes": the step, and why it is needed. */
export type PrepChange = { what: string; why: string }

/** What the generator reads of a farm. */
export type PrepFarm = Pick<Farm, 'name' | 'vip' | 'additionalVips' | 'protocol' | 'ports' | 'mode' | 'delivery'>

/** The backend as one machine, known by its address, and every farm that it serves; `appliances`: the appliance's own addresses, which must not be its gateway. */
export type PrepInput = { system: PrepSystem; backend: { name: string; address: string }; farms: readonly PrepFarm[]; appliances: readonly string[] }

/** A script as the API answers it. */
export const prepReplySchema = z
  .strictObject({
    system: prepSystemSchema,
    filename: z.string(),
    mediaType: z.string(),
    text: z.string().describe('The script: printable ASCII.'),
    changes: z.array(z.strictObject({ what: z.string(), why: z.string() })),
    note: z.string().optional().describe('What to know before it is run, when there is something.'),
    commands: z.strictObject({ apply: z.string(), check: z.string(), undo: z.string() }),
    sha256: z.string().describe('Of the text, in hex.'),
  })
  .meta({ id: 'PrepScript' })

export type PrepReply = z.output<typeof prepReplySchema>

/** A finished script. `text` is printable ASCII; `command` lines show how to run it with the file in the current folder. */
export type PrepScript = {
  system: PrepSystem
  filename: string
  mediaType: string
  text: string
  changes: PrepChange[]
  note?: string
  commands: { apply: string; check: string; undo: string }
}

/** Why there is no script for this backend, in words for the operator. */
export type PrepRefusal = { refusal: string }
