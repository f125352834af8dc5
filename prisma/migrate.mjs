// Brings a database up to date: node prisma/migrate.mjs FILE [FOLDER]
import path from 'node:path'
import { migrate } from './apply-migrations.mjs'

const [file, folder = path.join(import.meta.dirname, 'migrations')] = process.argv.slice(2)

try {
  if (!file) throw new Error('Usage: node prisma/migrate.mjs FILE [FOLDER]')
  for (const name of migrate(path.resolve(file), path.resolve(folder))) console.log(`applied ${name}`)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
