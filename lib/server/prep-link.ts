import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { prepSystemSchema, type PrepReply, type PrepSystem } from '#lib/prep/prep.ts'
import { prepStateSchema, verificationSchema, type PrepLink } from '#lib/prep/state.ts'
import type { Actor } from './actor.ts'
import { recordAudit } from './audit.ts'
import { db } from './db.ts'
import { scriptOf } from './prep.ts'
import { saveChoice } from './prep-choice.ts'
import { firstPlace, loadMachines, machineOf, requireNeed, servesDsr, systemOf, type Machine } from './prep-machines.ts'
import { readReport, requireSame, saveReport } from './prep-report.ts'
import { stateOf } from './prep-state.ts'
import { Refusal } from './refusal.ts'

export const prepLinkRequestSchema = z
  .strictObject({
    system: prepSystemSchema.optional().describe('It is remembered for this machine. Left out, it is that of the state.'),
    minutes: z.int('Minutes are a whole number.').min(5, 'At least 5 minutes.').max(1440, 'At most a day, 1440 minutes.').default(60).describe('For how long the link works.'),
  })
  .meta({ id: 'PrepLinkRequest' })

/** What the script hears of its report. */
export const reportReceiptSchema = prepStateSchema
  .pick({ status: true })
  .extend({ changes: verificationSchema.shape.changes })
  .meta({ id: 'PrepReceipt' })

/** How many reports a link takes: a machine that goes wild must not fill the audit. */
const reportsPerLink = 100

/** Makes a link of 256 random bits to a machine's script and ends its former one. It is in this answer only; the database keeps its hash. */
export async function createLink(farm: string, name: string, { system, minutes }: z.output<typeof prepLinkRequestSchema>, actor: Actor): Promise<PrepLink> {
  const machine = await machineOf(farm, name)
  requireNeed(machine)
  const { address } = machine
  const target = `${farm}/${name}`
  const token = randomBytes(32).toString('base64url')
  const createdAt = new Date()
  const expiresAt = new Date(createdAt.getTime() + minutes * 60_000)
  const link = { system: system ?? systemOf(machine), expiresAt: expiresAt.toISOString() }
  const columns = { hash: hashOf(token), system: link.system, createdAt, expiresAt, reports: 0 }
  await db().$transaction(async (tx) => {
    if (system) await saveChoice(tx, { address, system }, target, actor)
    await tx.prepLink.upsert({ where: { address }, create: { address, ...columns }, update: columns })
    await recordAudit(tx, actor, { action: 'prep.link', target, generation: null, before: null, after: { address, ...link } })
  })
  return { path: `/api/v1/prep-links/${token}`, ...link }
}

/** The script that a link stands for. */
export async function linkedScript(token: string): Promise<PrepReply> {
  const { machine, system } = await follow(token)
  return scriptOf(machine, system)
}

/** Takes the report of exactly that machine, sent by its script. */
export async function reportByLink(token: string, request: Request): Promise<z.output<typeof reportReceiptSchema>> {
  const { machine, system } = await follow(token)
  const report = await readReport(request)
  requireSame(report, machine, system)
  const received = { report, at: new Date(), by: 'link' }
  const { farm, backend } = firstPlace(machine)
  await db().$transaction(async (tx) => {
    const { count } = await tx.prepLink.updateMany({ where: { hash: hashOf(token), reports: { lt: reportsPerLink } }, data: { reports: { increment: 1 } } })
    if (count === 0) throw dead()
    await saveReport(tx, machine.address, received, `${farm.name}/${backend}`)
  })
  const { status, verification } = stateOf({ ...machine, received }, backend)
  return { status, changes: verification?.changes ?? [] }
}

/** What a link stands for. One that is unknown, expired or used up, and one whose machine serves no farm in mode dsr any more, are refused in the same words. */
async function follow(token: string): Promise<{ machine: Machine; system: PrepSystem }> {
  const link = await db().prepLink.findUnique({ where: { hash: hashOf(token) } })
  if (!link || link.expiresAt.getTime() <= Date.now() || link.reports >= reportsPerLink) throw dead()
  const machine = (await loadMachines(db(), [link.address])).get(link.address)
  if (!machine || !servesDsr(machine)) throw dead()
  return { machine, system: prepSystemSchema.parse(link.system) }
}

function dead(): Refusal {
  return new Refusal('not-found', 'This link is unknown or has expired. Make a new one where the backend is prepared, in the console or by the API.')
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
