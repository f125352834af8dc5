import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { nameSchema } from '#lib/domain/farm.ts'
import { tokenSchema, tokenScopes, type CreatedToken, type Token } from '#lib/domain/replies.ts'
import type { Token as TokenRow } from '#prisma/generated/client.ts'
import type { Actor } from './actor.ts'
import { recordAudit } from './audit.ts'
import { isTaken } from './database-error.ts'
import { db } from './db.ts'
import { Refusal } from './refusal.ts'

export const tokenRequestSchema = z
  .strictObject({ name: nameSchema, scope: z.enum(tokenScopes), expiresAt: z.iso.datetime({ offset: true }).nullable().default(null) })
  .meta({ id: 'TokenRequest' })


const usedInterval = 60_000

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** Makes a token of 256 random bits. It is in this answer only; the database keeps its hash. */
export async function createToken({ name, scope, expiresAt }: z.output<typeof tokenRequestSchema>, actor: Pick<Actor, 'name'>): Promise<CreatedToken> {
  const token = `tangent_${randomBytes(32).toString('base64url')}`
  try {
    return await db().$transaction(async (tx) => {
      const row = await tx.token.create({ data: { name, hash: hashOf(token), scope, createdAt: new Date(), expiresAt: expiresAt === null ? null : new Date(expiresAt) } })
      await recordAudit(tx, actor, { action: 'token.create', target: name, generation: null, before: null, after: { name, scope, expiresAt } })
      return { token, ...fromRow(row) }
    })
  } catch (error) {
    if (isTaken(error)) throw new Refusal('taken', `There is a token ${name} already. Delete it first, or choose another name.`)
    throw error
  }
}

/** Every token, without its secret. */
export async function listTokens(): Promise<Token[]> {
  return (await db().token.findMany({ orderBy: { name: 'asc' } })).map(fromRow)
}

/** Deletes a token; it stops working at once. */
export async function deleteToken(name: string, actor: Actor): Promise<void> {
  await db().$transaction(async (tx) => {
    const { count } = await tx.token.deleteMany({ where: { name } })
    if (count === 0) throw new Refusal('not-found', `There is no token ${name}.`)
    await recordAudit(tx, actor, { action: 'token.delete', target: name, generation: null, before: { name }, after: null })
  })
}

/** Whom a bearer token stands for; refuses an unknown and an expired one. */
export async function tokenActor(token: string): Promise<Actor> {
  const row = await db().token.findUnique({ where: { hash: hashOf(token) } })
  if (!row) throw new Refusal('unauthenticated', 'This token is unknown: it was deleted, or mistyped.')
  const now = Date.now()
  if (row.expiresAt && row.expiresAt.getTime() <= now) throw new Refusal('unauthenticated', `The token ${row.name} expired at ${row.expiresAt.toISOString()}.`)
  if (!row.lastUsedAt || Math.abs(now - row.lastUsedAt.getTime()) > usedInterval) await db().token.updateMany({ where: { name: row.name }, data: { lastUsedAt: new Date(now) } })
  return { kind: 'token', name: `token:${row.name}`, scope: z.enum(tokenScopes).parse(row.scope), mustChangePassword: false }
}

function fromRow({ name, scope, createdAt, expiresAt, lastUsedAt }: TokenRow): Token {
  return tokenSchema.parse({ name, scope, createdAt: createdAt.toISOString(), expiresAt: expiresAt?.toISOString() ?? null, lastUsedAt: lastUsedAt?.toISOString() ?? null })
}
