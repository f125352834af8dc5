import { expect } from 'vitest'
import type { Site } from './fixture.ts'

/** Held connections of one name: how many broke since a look before, of those that were not on a backend in `except`. */
export type Broken = { others: number; own: number; of: number }

/** Uses every connection held under a name and compares where it is with where it was. */
export async function brokenSince(site: Site, name: string, before: ReadonlyArray<string | null>, except: readonly string[] = []): Promise<Broken> {
  const { backends } = await site.client.use(name)
  const broken = before.map((backend, index) => (backend !== null && backends[index] !== backend ? backend : null)).filter((backend) => backend !== null)
  const own = broken.filter((backend) => except.includes(backend)).length
  return { others: broken.length - own, own, of: before.filter((backend) => backend !== null).length }
}

/** Opens connections under a name and answers the backend of each; all of them must work. */
export async function hold(site: Site, name: string, url: string, connections: number): Promise<string[]> {
  const { backends } = await site.client.hold({ name, url, connections })
  expect(backends.filter((backend) => backend === null).length).toBe(0)
  return backends.map(String)
}

/** The backends that get new connections now. */
export async function receiving(site: Site, url: string, count = 200): Promise<string[]> {
  const tally = await site.client.request({ url, count })
  expect(tally.failures).toEqual([])
  return Object.keys(tally.answered).sort()
}
