import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

const program = resolve(import.meta.dirname, '../dist/token.mjs')

if (existsSync(program)) {
  await import(program)
} else {
  console.error('Tangent is not set up here yet. Run "npm run up" once, or "npm run build", then make the token.')
  process.exitCode = 1
}
