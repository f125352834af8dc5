export const farmTabs = ['backends', 'prepare', 'doctor', 'events', 'configuration', 'rules', 'history'] as const
export type FarmTab = (typeof farmTabs)[number]

/** Every address of the console's own pages. */
export const places = {
  signIn: '/sign-in',
  overview: '/',
  farms: '/farms',
  newFarm: '/farms/new',
  farm: (farm: string, tab?: FarmTab) => `/farms/${encodeURIComponent(farm)}${tab && tab !== 'backends' ? `?tab=${tab}` : ''}`,
  prepare: (farm: string, backend?: string) => `/farms/${encodeURIComponent(farm)}/prepare${backend ? `?backend=${encodeURIComponent(backend)}` : ''}`,
  editFarm: (farm: string) => `/farms/${encodeURIComponent(farm)}/edit`,
  doctor: '/doctor',
  doctorRun: (run: number) => `/doctor/${run}`,
  events: (farm?: string, backend?: string) => `/events${farm ? `?${new URLSearchParams({ farm, ...(backend ? { backend } : {}) }).toString()}` : ''}`,
  history: '/history',
  audit: '/audit',
  tokens: '/tokens',
  restApi: '/rest-api',
} as const
