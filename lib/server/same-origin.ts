import { env } from './env.ts'
import { Refusal } from './refusal.ts'

/**
 * Refuses a request that another site's page makes with this person's cookie (CSRF). A browser says where a request comes from
 * in Origin or Sec-Fetch-Site; `evenWithout` lets one pass that says neither, which no browser sends.
 */
export function requireSameOrigin(headers: Headers, { evenWithout = false } = {}): void {
  const site = headers.get('sec-fetch-site')
  const origin = headers.get('origin')
  const known = origin !== null || site !== null
  if (known ? (site === null || site === 'same-origin') && (origin === null || isOwn(origin, headers)) : evenWithout) return
  throw new Refusal('cross-site', 'A change with a session cookie must come from the console itself. Scripts use "Authorization: Bearer TOKEN".')
}

function isOwn(origin: string, headers: Headers): boolean {
  const own = env().origin
  if (own !== null) return origin === new URL(own).origin
  return URL.canParse(origin) && new URL(origin).host === headers.get('host')
}
