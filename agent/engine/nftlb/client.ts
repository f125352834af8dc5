import { Agent, request } from 'node:http'

export type NftlbReply = { status: number; text: string }

export type NftlbClient = {
  get: (path: string) => Promise<string>
  post: (body: unknown) => Promise<void>
  remove: (path: string) => Promise<void>
}

/** nftlb refused a request, answered something else than plain success, or did not answer. */
export class NftlbError extends Error {
  readonly timedOut: boolean

  constructor(message: string, timedOut = false) {
    super(message)
    this.timedOut = timedOut
  }
}

/** Longest wait for an answer, in milliseconds. A bulk load takes nftlb about 20 ms per farm; silence beyond this is its crash loop. */
const timeoutMs = 60_000

/**
 * A client for nftlb's HTTP API, one request at a time. nftlb reads headers from the first segment, wants `Key` and
 * `Content-Length` spelled so, closes after each reply, and calls a value that it replaced by a default a success.
 */
export function nftlbClient(port: number, key: string): NftlbClient {
  let tail: Promise<unknown> = Promise.resolve()
  const once = new Agent({ keepAlive: false })

  function send(method: string, path: string, body?: string): Promise<NftlbReply> {
    return new Promise((resolve, reject) => {
      const headers = { Key: key, ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }) }
      const req = request({ host: '127.0.0.1', port, method, path, headers, agent: once, timeout: timeoutMs }, (res) => {
        let text = ''
        res.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        res.on('end', () => resolve({ status: res.statusCode ?? 0, text }))
        res.on('error', reject)
      })
      req.on('timeout', () => req.destroy(new NftlbError(`nftlb did not answer ${method} ${path} within ${timeoutMs / 1000} s`, true)))
      req.on('error', reject)
      req.end(body)
    })
  }

  function queued<T>(work: () => Promise<T>): Promise<T> {
    const result = tail.then(work, work)
    tail = result.catch(() => undefined)
    return result
  }

  async function change(method: string, path: string, body?: string): Promise<void> {
    const reply = await send(method, path, body)
    if (reply.status === 200 && !reply.text.includes('Parsing unknown value')) return
    // What nftlb parsed before the error stays half applied in its memory until the next request makes it act.
    await send('POST', '/farms', '{"farms":[]}')
    throw new NftlbError(`nftlb refused ${method} ${path}: ${reply.status} ${reply.text.trim().slice(0, 300)}`)
  }

  return {
    get: (path) =>
      queued(async () => {
        const reply = await send('GET', path)
        if (reply.status !== 200) throw new NftlbError(`nftlb refused GET ${path}: ${reply.status} ${reply.text.slice(0, 300)}`)
        return reply.text
      }),
    post: (body) => queued(() => change('POST', '/farms', JSON.stringify(body))),
    remove: (path) => queued(() => change('DELETE', path)),
  }
}
