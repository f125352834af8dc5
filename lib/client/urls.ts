import type { PrepSystem } from '#lib/prep/prep.ts'

const base = '/api/v1'

export type Page = { limit: number; cursor: string | null }

function path(...segments: string[]): string {
  return [base, ...segments.map(encodeURIComponent)].join('/')
}

function query(url: string, parameters: Record<string, string | number | boolean | null | undefined>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined && value !== false)
  if (given.length === 0) return url
  return `${url}?${new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString()}`
}

/** Every address of the REST API that the console uses. */
export const urls = {
  session: path('session'),
  password: path('session', 'password'),
  status: path('status'),
  interfaces: path('interfaces'),
  openapi: path('openapi.json'),
  farms: (page: Page) => query(path('farms'), page),
  farm: (farm: string, dryRun = false) => query(path('farms', farm), { dryRun }),
  stats: path('stats'),
  farmStats: (farm: string) => path('farms', farm, 'stats'),
  farmStatus: (farm: string) => path('farms', farm, 'status'),
  farmHealth: (farm: string) => path('farms', farm, 'health'),
  farmEvents: (farm: string, backend: string | null, page: Page) => query(path('farms', farm, 'events'), { backend, ...page }),
  events: (page: Page) => query(path('events'), page),
  nftlb: (farm: string) => path('farms', farm, 'nftlb'),
  ruleset: (farm: string) => path('farms', farm, 'ruleset'),
  adminState: (farm: string, backend: string, dryRun = false) => query(path('farms', farm, 'backends', backend, 'admin-state'), { dryRun }),
  /** How far the backends of a farm are, as JSON; without asking for JSON the scripts of all of them as a zip. */
  farmPrep: (farm: string) => path('farms', farm, 'prep'),
  prep: (farm: string, backend: string, system: PrepSystem) => query(path('farms', farm, 'backends', backend, 'prep'), { system }),
  prepState: (farm: string, backend: string) => path('farms', farm, 'backends', backend, 'prep', 'state'),
  prepSystem: (farm: string, backend: string) => path('farms', farm, 'backends', backend, 'prep', 'system'),
  prepReport: (farm: string, backend: string) => path('farms', farm, 'backends', backend, 'prep', 'report'),
  prepLink: (farm: string, backend: string) => path('farms', farm, 'backends', backend, 'prep', 'link'),
  doctorRuns: (page: Page) => query(path('doctor-runs'), page),
  /** A run with what it found; with `download` as a file to be saved. */
  doctorRun: (run: number, download = false) => query(path('doctor-runs', String(run)), { download }),
  startDoctor: path('doctor-runs'),
  farmDoctor: (farm: string) => path('farms', farm, 'doctor'),
  doctorSchedule: path('doctor-schedule'),
  revisions: (page: Page) => query(path('revisions'), page),
  audit: (page: Page) => query(path('audit'), page),
  tokens: path('tokens'),
  token: (name: string) => path('tokens', name),
}
