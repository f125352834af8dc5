import { tokenScopes, type TokenScope } from '#lib/domain/replies.ts'
import { Refusal } from './refusal.ts'

/** Who asks. `name` is `user:NAME` or `token:NAME`, as the audit has it. */
export type Actor = { kind: 'user' | 'token'; name: string; scope: TokenScope; mustChangePassword: boolean }

/** Refuses an actor whose scope is smaller than needed: read < operate < write < admin. */
export function requireScope(actor: Actor, needed: TokenScope): void {
  if (tokenScopes.indexOf(actor.scope) >= tokenScopes.indexOf(needed)) return
  throw new Refusal('scope-too-small', `This needs the scope ${needed}; ${actor.name} has ${actor.scope}.`)
}
