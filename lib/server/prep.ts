import { createHash } from 'node:crypto'
import { z } from 'zod'
import { parseAddress } from '#lib/domain/address.ts'
import { prepSystemSchema, type PrepReply, type PrepSystem } from '#lib/prep/prep.ts'
import { prepScript } from '#lib/prep/script.ts'
import { interfacesNow } from './interfaces.ts'
import { json } from './json-reply.ts'
import { machineOf, nothingToPrepare, prepInputOf, systemOf, type Machine } from './prep-machines.ts'

export const prepQuerySchema = z.object({ system: prepSystemSchema.optional().describe('Left out, it is that of the state.') })

/** The script that prepares the machine behind a backend, for every farm that has a backend with its address. */
export async function prepareBackend(farm: string, name: string, system?: PrepSystem): Promise<PrepReply> {
  return scriptOf(await machineOf(farm, name), system)
}

/** The script of a machine; refuses one that needs none. */
export async function scriptOf(machine: Machine, system = systemOf(machine)): Promise<PrepReply> {
  const script = prepScript(prepInputOf(machine, system, await applianceAddresses()))
  if ('refusal' in script) throw nothingToPrepare(script.refusal)
  return { ...script, sha256: createHash('sha256').update(script.text).digest('hex') }
}

/** The appliance's addresses that could be somebody's gateway; none while the agent is away. */
async function applianceAddresses(): Promise<string[]> {
  const addresses = ((await interfacesNow()) ?? []).flatMap((iface) => iface.addresses.map(({ address }) => address))
  return addresses.filter((address) => !('code' in parseAddress(address)))
}

/** The script as JSON with its explanations when the client asks for JSON, else as a download. */
export function prepReply(script: PrepReply, accept: string | null): Response {
  return wantsJson(accept) ? json(script) : scriptDownload(script)
}

export function wantsJson(accept: string | null): boolean {
  return accept?.includes('application/json') === true
}

/** The script alone, to be saved or to be read by a shell. */
export function scriptDownload({ text, filename }: PrepReply): Response {
  return download(text, filename, 'text/plain; charset=us-ascii')
}

/** A file to be saved. Whatever a header could not carry safely is left out of its name. */
export function download(content: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>, filename: string, type: string): Response {
  return new Response(content, { headers: { 'content-type': type, 'content-disposition': `attachment; filename="${filename.replace(/[^A-Za-z0-9._-]/g, '')}"` } })
}
