import { PrismaClient, type Prisma } from '#prisma/generated/client.ts'
import { sqliteAdapter } from '#prisma/sqlite-adapter.ts'
import { env } from './env.ts'
import { singleton } from './singleton.ts'

/** A transaction: inside of it nothing else may be awaited, neither the network nor `db()` itself. */
export type Tx = Prisma.TransactionClient

/** The console's database. */
export function db(): PrismaClient {
  return singleton('db', () => new PrismaClient({ adapter: sqliteAdapter(env().database), transactionOptions: { maxWait: 10_000, timeout: 10_000 } }))
}
