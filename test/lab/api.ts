import { nftlbSchema } from '#lib/client/answers.ts'
import { changeReplySchema, problemDetailsSchema, systemStatusSchema, type ChangeReply, type ProblemDetails, type SystemStatus } from '#lib/domain/replies.ts'
import type { BackendInput, FarmInput } from '#lib/domain/farm.ts'
import { farmStatusSchema, type FarmStatus } from '#lib/domain/status.ts'
import type { AdminState } from '#lib/domain/farm.ts'
import { until } from './until.ts'

export type Answered = { status: number; body: unknown }
export type FarmWish = Omit<FarmInput, 'backends'> & { backends?: BackendInput[] }

export type Api = {
  call: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answered>
  putFarm: (farm: FarmWish) => Promise<ChangeReply>
  patchFarm: (name: string, patch: Record<string, unknown>) => Promise<ChangeReply>
  deleteFarm: (name: string) => Promise<ChangeReply>
  setAdminState: (farm: string, backend: string, adminState: AdminState) => Promise<ChangeReply>
  /** What was refused; throws when it was accepted. */
  refusal: (farm: unknown) => Promise<ProblemDetails>
  farmStatus: (farm: string) => Promise<FarmStatus>
  /** The farm as a stock nftlb takes it. */
  exportedFarm: (farm: string) => Promise<{ farms: unknown; notes: string[] }>
  status: () => Promise<SystemStatus>
  /** Waits until the kernel has the last saved generation. */
  applied: (timeoutMs?: number) => Promise<SystemStatus>
}

/** The REST API of one console, as a program with a token sees it. Every answer is parsed with the schemas of the domain. */
export function apiOf(url: string, token: string): Api {
  const call: Api['call'] = async (method, path, body, headers = {}) => {
    const reply = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    })
    const text = await reply.text()
    return { status: reply.status, body: text === '' ? null : (JSON.parse(text) as unknown) }
  }
  const change = async (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<ChangeReply> => {
    const answer = await call(method, path, body, headers)
    if (answer.status >= 300) throw new Error(`${method} ${path} was answered with ${answer.status}: ${JSON.stringify(answer.body)}`)
    return changeReplySchema.parse(answer.body)
  }
  const read = async (path: string): Promise<unknown> => {
    const answer = await call('GET', path)
    if (answer.status !== 200) throw new Error(`GET ${path} was answered with ${answer.status}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  const status: Api['status'] = async () => systemStatusSchema.parse(await read('/status'))
  return {
    call,
    putFarm: async (farm) => {
      const exists = (await call('GET', `/farms/${farm.name}`)).status === 200
      return change('PUT', `/farms/${farm.name}`, farm, exists ? { 'if-match': '*' } : {})
    },
    patchFarm: (name, patch) => change('PATCH', `/farms/${name}`, patch, { 'if-match': '*' }),
    deleteFarm: (name) => change('DELETE', `/farms/${name}`, undefined, { 'if-match': '*' }),
    setAdminState: (farm, backend, adminState) => change('PUT', `/farms/${farm}/backends/${backend}/admin-state`, { adminState }, { 'if-match': '*' }),
    refusal: async (farm) => {
      const name = typeof farm === 'object' && farm !== null && 'name' in farm ? encodeURIComponent(String(farm.name)) : 'nameless'
      const answer = await call('PUT', `/farms/${name}`, farm)
      if (answer.status < 400) throw new Error(`It was accepted with ${answer.status}: ${JSON.stringify(farm)}`)
      return problemDetailsSchema.parse(answer.body)
    },
    farmStatus: async (farm) => farmStatusSchema.parse(await read(`/farms/${farm}/status`)),
    exportedFarm: async (farm) => nftlbSchema.parse(await read(`/farms/${farm}/nftlb`)),
    status,
    applied: (timeoutMs = 30_000) => until('the kernel has the saved generation', async () => status().then((now) => (now.pending ? null : now)), timeoutMs, 100),
  }
}
