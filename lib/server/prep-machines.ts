import type { Farm } from '#lib/domain/farm.ts'
import { byName } from '#lib/domain/name.ts'
import { prepFacts } from '#lib/prep/facts.ts'
import { prepSystemSchema, type PrepInput, type PrepSystem } from '#lib/prep/prep.ts'
import { reportSchema, type PrepReport } from '#lib/prep/report.ts'
import type { PrepMachine } from '#prisma/generated/client.ts'
import { getBackend } from './backends.ts'
import { db, type Tx } from './db.ts'
import { fromRows } from './farm-rows.ts'
import { invalid, Refusal } from './refusal.ts'

type Place = { farm: Farm; backend: string }

/** What stands behind a backend: a machine, known by its address whatever the farms call it. */
export type Machine = {
  address: string
  /** Its farms in the order of their names, without their backends, and what it is called there. */
  places: [Place, ...Place[]]
  /** The system that was chosen for it, or null. */
  chosen: PrepSystem | null
  /** Its last report, or null. */
  received: { report: PrepReport; at: Date; by: string } | null
}

/** The machines with these addresses, in three queries however many there are (more beyond 999 farms). An address that no farm has is left out. */
export async function loadMachines(tx: Tx, addresses: readonly string[]): Promise<Map<string, Machine>> {
  const where = { address: { in: [...addresses] } }
  const known = new Map((await tx.prepMachine.findMany({ where })).map((row) => [row.address, row]))
  const backends = await tx.backend.findMany({ where, select: { address: true, farmName: true, name: true } })
  // Prisma splits a list that is longer than a query can have, but not when the database has to sort.
  const farms = (await tx.farm.findMany({ where: { name: { in: [...new Set(backends.map(({ farmName }) => farmName))] } } })).sort(byName)
  const members = new Map(farms.map(({ name }) => [name, [] as typeof backends]))
  for (const backend of backends) members.get(backend.farmName)?.push(backend)
  const machines = new Map<string, Machine>()
  for (const row of farms) {
    const farm = fromRows(row, [])
    for (const { address, name } of members.get(row.name) ?? []) {
      const machine = machines.get(address)
      if (machine) machine.places.push({ farm, backend: name })
      else machines.set(address, { address, places: [{ farm, backend: name }], ...knowledge(known.get(address)) })
    }
  }
  return machines
}

/** The machine behind a backend; refuses when there is no such backend. */
export async function machineOf(farm: string, name: string): Promise<Machine> {
  const { backend } = await getBackend(farm, name)
  const machine = (await loadMachines(db(), [backend.address])).get(backend.address)
  if (!machine) throw new Refusal('not-found', `Farm ${farm} has no backend ${name} any more.`)
  return machine
}

/** The system that a machine is prepared with: the chosen one, else that of its last report, else linux. */
export function systemOf({ chosen, received }: Machine): PrepSystem {
  return chosen ?? received?.report.system ?? 'linux'
}

/** The first place in a farm in mode dsr: what the script calls the machine, whoever asks for it. */
export function firstPlace({ places }: Machine): Place {
  return places.find(({ farm }) => farm.mode === 'dsr') ?? places[0]
}

/** What the generator reads of a machine. */
export function prepInputOf(machine: Machine, system: PrepSystem, appliances: readonly string[]): PrepInput {
  return { system, backend: { name: firstPlace(machine).backend, address: machine.address }, farms: machine.places.map(({ farm }) => farm), appliances }
}

/** True when the machine serves a farm in mode dsr: only then there is something to prepare. */
export function servesDsr({ places }: Machine): boolean {
  return places.some(({ farm }) => farm.mode === 'dsr')
}

/** Refuses a machine that needs no preparation, with the reason. */
export function requireNeed(machine: Machine): void {
  const facts = prepFacts(prepInputOf(machine, systemOf(machine), []))
  if ('refusal' in facts) throw nothingToPrepare(facts.refusal)
}

export function nothingToPrepare(reason: string): Refusal {
  return invalid([{ pointer: '', code: 'nothing-to-prepare', message: reason, hint: 'Only backends of farms in mode dsr are prepared with a script.' }])
}

/** Deletes what is known of machines that no farm has any more, the links to them, and the links that have expired. */
export async function forgetOldPreparation(): Promise<void> {
  await db().$executeRaw`DELETE FROM "PrepMachine" WHERE "address" NOT IN (SELECT "address" FROM "Backend")`
  await db().$executeRaw`DELETE FROM "PrepLink" WHERE "address" NOT IN (SELECT "address" FROM "Backend")`
  await db().prepLink.deleteMany({ where: { expiresAt: { lte: new Date() } } })
}

/** What another version wrote and this one cannot read counts as nothing: the machine is checked again. */
function knowledge(row: PrepMachine | undefined): Pick<Machine, 'chosen' | 'received'> {
  const report = row?.report ? reportSchema.safeParse(JSON.parse(row.report)).data : null
  const received = row && report && row.receivedAt && row.by !== null ? { report, at: row.receivedAt, by: row.by } : null
  return { chosen: prepSystemSchema.safeParse(row?.system).data ?? null, received }
}
