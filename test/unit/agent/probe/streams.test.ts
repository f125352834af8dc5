import { createServer as createWeb, type RequestListener } from 'node:http'
import { createServer as createSecureWeb } from 'node:https'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { certificate, certifiedName, key } from '#test/lab/programs/certificate.ts'
import { ending, found, question } from './asked.ts'
import type { Finding } from '#agent/probe/messages.ts'
import { ask } from '#agent/probe/worker/ask.ts'

const open: Server[] = []
const sockets = new Set<Socket>()
afterEach(() => {
  sockets.forEach((socket) => socket.destroy())
  open.splice(0).forEach((server) => server.close())
})

function listen(server: Server): Promise<number> {
  open.push(server)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))
}

const web = (listener: RequestListener): Promise<number> => listen(createWeb(listener))
/** A server that says these bytes to everybody. */
const saying = (...parts: Array<string | Buffer>): Promise<number> => listen(createServer((socket) => parts.forEach((part) => socket.write(part))))
const closedPort = async (): Promise<number> => {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('tcp', () => {
  it('is good when somebody accepts, and ends with a reset that leaves no connection behind', async () => {
    const server = createServer()
    const port = await listen(server)
    const end = ending(server)
    expect(await found({ type: 'tcp' }, port)).toMatchObject({ reason: null, detail: 'Connected.' })
    expect(await end).toBe('reset')
  })

  it('is refused where nobody listens', async () => {
    expect(await found({ type: 'tcp' }, await closedPort())).toMatchObject({ reason: 'refused' })
  })

  it('is waited for as much longer as this process did not get to run, and then is a silence like others', async () => {
    const port = await web(() => undefined)
    const begun = performance.now()
    const heard = new Promise<Finding>((resolve) => ask(question({ type: 'http', timeout: 0.5 }, port), resolve))
    await new Promise((resolve) => setTimeout(resolve, 60))
    for (const until = performance.now() + 350; performance.now() < until; );
    expect(await heard).toMatchObject({ reason: 'timeout' })
    expect(performance.now() - begun).toBeGreaterThan(750)
  })

  it('cannot be sent to an address of no family', async () => {
    expect(await found({ type: 'tcp' }, 1, '255.255.255.255')).toMatchObject({ reason: expect.stringMatching(/^(unreachable|not-possible)$/) })
  })

  it('says nothing after it was cancelled', async () => {
    const server = createServer()
    const port = await listen(server)
    const met = new Promise((resolve) => server.on('connection', resolve))
    let heard = 0
    const cancel = ask(question({ type: 'tcp' }, port), () => heard++)
    cancel()
    expect(await found({ type: 'tcp' }, port)).toMatchObject({ reason: null })
    await met
    expect(heard).toBe(0)
  })
})

describe('http', () => {
  it('asks for the path with the Host header of the address that is asked, not of the one that stands in for it', async () => {
    const seen: Array<[string | undefined, string | undefined]> = []
    const port = await web((request, response) => {
      seen.push([request.url, request.headers.host])
      response.end()
    })
    await found({ type: 'http', path: '/health?x=1' }, port, '127.0.0.1', '203.0.113.7')
    await found({ type: 'http' }, port, '127.0.0.1', '2001:db8::7')
    await found({ type: 'http', host: 'www.example.net' }, port)
    expect(seen).toEqual([['/health?x=1', `203.0.113.7:${port}`], ['/', `[2001:db8::7]:${port}`], ['/', 'www.example.net']])
  })

  it.each([
    [200, ['200-399'], null],
    [302, ['200-399'], null],
    [404, ['200-399'], 'wrong-status'],
    [404, ['200', '404'], null],
    [503, ['100-499'], 'wrong-status'],
  ])('status %i is judged by %j', async (status, statuses, reason) => {
    const port = await web((_, response) => response.writeHead(status).end())
    expect(await found({ type: 'http', statuses }, port)).toMatchObject({ reason, detail: expect.stringContaining(String(status)) })
  })

  it('finds a text that comes in two pieces, and in chunks', async () => {
    const port = await web((_, response) => {
      response.write('all is w')
      setImmediate(() => response.end('ell, señor'))
    })
    expect(await found({ type: 'http', body: 'well, señor' }, port)).toMatchObject({ reason: null })
    expect(await found({ type: 'http', body: 'unwell' }, port)).toMatchObject({ reason: 'wrong-body' })
  })

  it('looks at the first 64 KiB and no further', async () => {
    const port = await web((request, response) => {
      const before = Number(request.url?.slice(1))
      response.end(`${'x'.repeat(before)}needle${'x'.repeat(100_000)}`)
    })
    expect(await found({ type: 'http', path: `/${65_536 - 6}`, body: 'needle' }, port)).toMatchObject({ reason: null })
    expect(await found({ type: 'http', path: `/${65_536 - 5}`, body: 'needle' }, port)).toMatchObject({ reason: 'wrong-body', detail: expect.stringContaining('65536') })
  })

  it('does not wait for the end of an answer that says enough', async () => {
    const port = await web((_, response) => void response.writeHead(200).write('ok'))
    expect(await found({ type: 'http' }, port)).toMatchObject({ reason: null })
    expect(await found({ type: 'http', body: 'ok' }, port)).toMatchObject({ reason: null })
  })

  it.each([
    ['endless headers', [`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}`], 'protocol'],
    ['no HTTP', ['SSH-2.0-OpenSSH_9.2\r\n'], 'protocol'],
    ['a body of an impossible length', ['HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n'], 'protocol'],
    ['both a length and chunks', ['HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'], 'protocol'],
    ['silence', [], 'timeout'],
    ['half an answer', ['HTTP/1.1 200 O'], 'timeout'],
    ['endless interim answers', [Buffer.alloc(200_000, 'HTTP/1.1 100 Continue\r\n\r\n')], 'protocol'],
  ])('%s is an answer of its own kind', async (_, parts, reason) => {
    expect(await found({ type: 'http', timeout: 0.3 }, await saying(...parts))).toMatchObject({ reason })
  })

  it('is closed when the connection ends before the answer or within it', async () => {
    const early = await listen(createServer((socket) => socket.resume().end()))
    expect(await found({ type: 'http' }, early)).toMatchObject({ reason: 'closed' })
    const within = await listen(createServer((socket) => socket.resume().end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc')))
    expect(await found({ type: 'http', body: 'xyz' }, within)).toMatchObject({ reason: 'closed' })
  })

  it('ends with a reset', async () => {
    const server = createWeb((_, response) => void response.writeHead(200).write('more to come'))
    const end = ending(server)
    expect(await found({ type: 'http' }, await listen(server))).toMatchObject({ reason: null })
    expect(await end).toBe('reset')
  })

  it('shows nothing of the other side but short printable text', async () => {
    const { detail } = await found({ type: 'http' }, await saying(`HTTP/1.1 200 OK\r\n\u0007\u001b[31m${'x'.repeat(500)}: y\r\n\r\n`))
    expect(detail).toMatch(/^[\x20-\x7e]{1,300}$/)
  })
})

describe('https', () => {
  const folder = mkdtempSync(join(tmpdir(), 'authorities-'))
  beforeAll(() => {
    writeFileSync(join(folder, 'ca.pem'), certificate)
    process.env.SSL_CERT_FILE = join(folder, 'ca.pem')
    return () => {
      delete process.env.SSL_CERT_FILE
      rmSync(folder, { recursive: true })
    }
  })
  const secure = (names: Array<string | false | null> = []): Promise<number> =>
    listen(
      createSecureWeb({ key, cert: certificate }, (request, response) => {
        names.push((request.socket as Socket & { servername?: string | false }).servername ?? null)
        response.end('secure')
      }),
    )

  it('is good with any certificate when it need not be valid, and speaks HTTP inside', async () => {
    expect(await found({ type: 'https', body: 'secure' }, await secure())).toMatchObject({ reason: null })
  })

  it('is good when the certificate is valid for the host, whose name it sends', async () => {
    const names: Array<string | false | null> = []
    expect(await found({ type: 'https', verify: true, host: certifiedName }, await secure(names))).toMatchObject({ reason: null })
    expect(names).toEqual([certifiedName])
  })

  it('is wrong when the certificate is for somebody else, and says so', async () => {
    const port = await secure()
    expect(await found({ type: 'https', verify: true, host: 'other.example.net' }, port)).toMatchObject({ reason: 'tls', detail: expect.stringContaining('other.example.net') })
    expect(await found({ type: 'https', verify: true }, port, '127.0.0.1', '203.0.113.7')).toMatchObject({ reason: 'tls', detail: expect.stringContaining('203.0.113.7') })
  })

  it('is wrong when the other side speaks no TLS, and refused where nobody listens', async () => {
    expect(await found({ type: 'https' }, await saying('HTTP/1.1 200 OK\r\n\r\n'))).toMatchObject({ reason: 'tls' })
    expect(await found({ type: 'https' }, await closedPort())).toMatchObject({ reason: 'refused' })
  })

  it('ends with a reset', async () => {
    const server = createSecureWeb({ key, cert: certificate }, (_, response) => void response.writeHead(200).write('more to come'))
    const end = ending(server, 'secureConnection')
    expect(await found({ type: 'https' }, await listen(server))).toMatchObject({ reason: null })
    expect(await end).toBe('reset')
  })
})
