import { readdirSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

type Handler = (request: Request, context: { params: Promise<Record<string, string>> }) => Promise<Response>
export type Route = { pattern: string; methods: string[]; handlers: Record<string, Handler | undefined> }

const folder = path.resolve(import.meta.dirname, '../../app')
export const methods = ['GET', 'PUT', 'PATCH', 'POST', 'DELETE']

/** Every route file of the application with its URL pattern, such as /api/v1/farms/[farm]. */
export async function loadRoutes(): Promise<Route[]> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => path.basename(file) === 'route.ts')
  return Promise.all(
    files.map(async (file) => {
      const handlers: Route['handlers'] = await import(pathToFileURL(path.join(folder, file)).href)
      return { pattern: `/${path.dirname(file)}`, handlers, methods: methods.filter((method) => handlers[method] !== undefined) }
    }),
  )
}

/** Finds the route of a path the way Next does: a literal part goes before a parameter, and that before the rest. */
export function match(routes: readonly Route[], pathname: string): { route: Route; params: Record<string, string> } | null {
  const parts = pathname.split('/').slice(1)
  const found = routes.flatMap((route) => {
    const params = paramsOf(route.pattern.split('/').slice(1), parts)
    return params ? [{ route, params }] : []
  })
  return found.sort((a, b) => weight(a.route.pattern) - weight(b.route.pattern))[0] ?? null
}

function weight(pattern: string): number {
  return pattern.includes('[...') ? 100 : pattern.split('[').length
}

function paramsOf(pattern: readonly string[], parts: readonly string[]): Record<string, string> | null {
  const rest = pattern.at(-1)?.startsWith('[...') === true
  if (rest ? parts.length < pattern.length : parts.length !== pattern.length) return null
  const params: Record<string, string> = {}
  for (const [index, expected] of pattern.entries()) {
    const part = decodeURIComponent(parts[index] ?? '')
    if (expected.startsWith('[...')) return params
    if (expected.startsWith('[')) params[expected.slice(1, -1)] = part
    else if (expected !== part) return null
  }
  return params
}
