import path from 'node:path'
import { defineConfig } from 'prisma/config'

// The native schema engine is a download from Prisma's servers; the shim speaks for it with the same engine as wasm.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= path.resolve(import.meta.dirname, 'prisma/schema-engine.mjs')
process.env.CHECKPOINT_DISABLE ??= '1'

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? `file:${path.resolve(import.meta.dirname, '.tangent/development.db')}` },
})
