import { z } from 'zod'
import { prepSystemSchema, type PrepSystem } from '#lib/prep/prep.ts'
import type { PrepState } from '#lib/prep/state.ts'
import type { Actor } from './actor.ts'
import { recordAudit } from './audit.ts'
import { db, type Tx } from './db.ts'
import { machineOf } from './prep-machines.ts'
import { stateOf } from './prep-state.ts'

export const prepChoiceSchema = z.strictObject({ system: prepSystemSchema }).meta({ id: 'PrepChoice' })

/** Remembers which system the machine behind a backend is prepared with. */
export async function chooseSystem(farm: string, name: string, { system }: z.output<typeof prepChoiceSchema>, actor: Actor): Promise<PrepState> {
  const machine = await machineOf(farm, name)
  await db().$transaction((tx) => saveChoice(tx, { address: machine.address, system }, `${farm}/${name}`, actor))
  return stateOf({ ...machine, chosen: system }, name)
}

/** Writes the choice for a machine down; one that is there already makes no audit entry. `target`: the backend that was asked for. */
export async function saveChoice(tx: Tx, choice: { address: string; system: PrepSystem }, target: string, actor: Actor): Promise<void> {
  const { address, system } = choice
  const before = await tx.prepMachine.findUnique({ where: { address }, select: { address: true, system: true } })
  if (before?.system === system) return
  await tx.prepMachine.upsert({ where: { address }, create: choice, update: { system } })
  await recordAudit(tx, actor, { action: 'prep.system', target, generation: null, before, after: choice })
}
