import { createHash } from 'node:crypto'
import { z } from 'zod'
import { parseAddress } from '#lib/domain/address.ts'
import { prepSystemSchema, type PrepScript, type PrepSystem } from '#lib/prep/prep.ts'
import { prepScript } from '#lib/prep/script.ts'
import { getBackend } from './backends.ts'
import { db } from './db.ts'
import { fromRows } from './farm-rows.ts'
import { interfacesNow } from './interfaces.ts'
import { json } from './json-reply.ts'
import { invalid } from './refusal.ts'

export const prepQuerySchema = z.object({ system: prepSystemSchema })

/** The script that prepares the machine behind a backend, for every farm that has a backend with its address. */
export async function prepareBackend(farm: string, name: string, system: PrepSystem): Promise<PrepScript & { sha256: string }> {
  const { backend } = await getBackend(farm, name)
  const rows = await db().farm.findMany({ where: { backends: { some: { address: backend.address } } }, orderBy: { sortKey: 'asc' } })
  const farms = rows.map((row) => fromRows(row, []))
  const script = prepScript({ system, backend: { name: backend.name, address: backend.address }, farms, appliances: await applianceAddresses() })
  if ('refusal' in script) throw invalid([{ pointer: '', code: 'nothing-to-prepare', message: script.refusal, hint: 'Only backends of farms in mode dsr are prepared with a script.' }])
  return { ...script, sha256: createHash('sha256').update(script.text).digest('hex') }
}

/** The appliance's addresses that could be somebody's gateway; none while the agent is away. */
async function applianceAddresses(): Promise<string[]> {
  const addresses = ((await interfacesNow()) ?? []).flatMap((iface) => iface.addresses.map(({ address }) => address))
  return addresses.filter((address) => !('code' in parseAddress(address)))
}

/** The script as JSON with its explanations when the client asks for JSON, else as a download. */
export function prepReply(script: PrepScript & { sha256: string }, accept: string | null): Response {
  if (accept?.includes('application/json')) return json(script)
  // The name comes from the generator; whatever a header could not carry safely is left out of it.
  const filename = script.filename.replace(/[^A-Za-z0-9._-]/g, '')
  return new Response(script.text, { headers: { 'content-type': 'text/plain; charset=us-ascii', 'content-disposition': `attachment; filename="${filename}"`, 'x-content-type-options': 'nosniff' } })
}
