import { z } from 'zod'

export const prepSystems = ['linux', 'windows-powershell', 'windows-cmd'] as const
export const prepSystemSchema = z.enum(prepSystems)
export type PrepSystem = (typeof prepSystems)[number]

/** One line of "what this script changes": the step, and why it is needed. */
export type PrepChange = { what: string; why: string }

/** A finished script. `text` is printable ASCII; `command` lines show how to run it with the file in the current folder. */
export type PrepScript = {
  system: PrepSystem
  filename: string
  mediaType: string
  text: string
  changes: PrepChange[]
  commands: { apply: string; check: string; undo: string }
}
