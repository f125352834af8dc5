import { db } from './db.ts'
import { json } from './json-reply.ts'
import { Refusal } from './refusal.ts'

/** The process answers. */
export function healthz(): Response {
  return json({ status: 'ok' })
}

/** The database answers too. An agent that is away does not make the console unready: edits are kept. */
export async function readyz(): Promise<Response> {
  try {
    await db().farm.findFirst({ select: { name: true } })
  } catch {
    throw new Refusal('busy', 'The database does not answer.')
  }
  return json({ status: 'ready' })
}
