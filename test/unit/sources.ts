import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'

const root = path.resolve(import.meta.dirname, '../..')
const made = new Set(['node_modules', 'dist', 'generated', 'test-results'])

export type Source = { path: string; text: string; lines: number; imports: string[] }

/** Every text file of the project, with paths relative to it; what commands make is left out. */
export function projectFiles(): string[] {
  return filesBelow('').filter((file) => /\.(ts|tsx|mjs|css|md|json|yml|yaml|prisma|sql|sh|service|ps1|cmd)$|Dockerfile$|\/run$/.test(file))
}

export function textOf(file: string): string {
  return readFileSync(path.join(root, file), 'utf8')
}

/** TypeScript and JavaScript, with what each file imports: project files as paths relative to the project, packages by name. */
export function sources(): Source[] {
  return projectFiles()
    .filter((file) => /\.(ts|tsx|mjs)$/.test(file))
    .map((file) => {
      const text = textOf(file)
      const imports = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => resolved(file, fileName))
      return { path: file, text, lines: text.trimEnd().split('\n').length, imports }
    })
}

function resolved(from: string, specifier: string): string {
  if (specifier.startsWith('#')) return specifier.slice(1)
  return specifier.startsWith('.') ? path.posix.join(path.posix.dirname(from), specifier) : specifier
}

function filesBelow(folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const relative = folder ? `${folder}/${entry.name}` : entry.name
    if (made.has(entry.name) || (entry.name.startsWith('.') && entry.name !== '.ci')) return []
    return entry.isDirectory() ? filesBelow(relative) : [relative]
  })
}
