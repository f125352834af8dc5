import type { z } from 'zod'
import { failureOf, RequestError, unreachable } from './failure.ts'

export type Answer<T> = { data: T; etag: string | null; status: number }

/** `body` is sent as JSON, `text` as it is. */
type Options = { method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'; body?: unknown; text?: string; headers?: Record<string, string>; signal?: AbortSignal }

/**
 * Calls the REST API and parses the answer. Throws a RequestError for every answer that is no success, for none at all,
 * and for one that has another shape than this console knows.
 */
export async function request<T>(schema: z.ZodType<T>, url: string, options: Options = {}): Promise<Answer<T>> {
  const response = await send(url, options)
  const text = response.status === 204 ? '' : await response.text()
  const parsed = schema.safeParse(text === '' ? undefined : json(text))
  if (!parsed.success) {
    console.warn(`Unexpected answer from ${url}`, parsed.error.issues)
    throw new RequestError({ ...unreachable, status: response.status, title: 'The console answered something unexpected', detail: 'Reload the page: the console may have been updated meanwhile.' })
  }
  return { data: parsed.data, etag: response.headers.get('etag'), status: response.status }
}

async function send(url: string, { method = 'GET', body, text, headers = {}, signal }: Options): Promise<Response> {
  const init: RequestInit = { method, headers: { accept: 'application/json', ...headers }, cache: 'no-store' }
  if (method !== 'GET') init.headers = { ...init.headers, 'content-type': text === undefined ? 'application/json' : 'text/plain' }
  if (text !== undefined) init.body = text
  else if (body !== undefined) init.body = JSON.stringify(body)
  if (signal) init.signal = signal
  const response = await fetch(url, init).catch((error: unknown) => {
    if (signal?.aborted) throw error
    throw new RequestError(unreachable)
  })
  if (!response.ok) throw new RequestError(await failureOf(response))
  return response
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
