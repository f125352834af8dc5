import { readFileSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { checkServerIdentity, connect, createSecureContext, rootCertificates, type ConnectionOptions, type SecureContext } from 'node:tls'
import type { Question } from '../messages.ts'
import { good, outcomeOf, quoted, type Ask, type Outcome } from './outcome.ts'
import { dial } from './tcp.ts'

/** How much of an answer is looked at, in bytes; of its headers 16 KiB. */
const bodyLimit = 64 * 1024
const headerLimit = 16 * 1024

/** How many interim answers (RFC 9110, 15.2) may come before the answer: an endless row of them would keep the worker busy. */
const interimLimit = 10

type Monitor = Extract<Question['monitor'], { type: 'http' | 'https' }>

/** One GET on a connection of its own. Redirects are answers like others. */
export const askHttp: Ask = (question, done) => {
  const { monitor } = question
  if (monitor.type !== 'http' && monitor.type !== 'https') throw new Error(`${monitor.type} is not HTTP.`)
  const { socket, reset } = dial(question, done)
  const stream: Duplex = monitor.type === 'https' ? connect({ ...tlsOptions(question, monitor), socket }) : socket
  if (stream !== socket) stream.on('error', (error) => done(tlsOutcome(error)))
  const asked = request({
    createConnection: () => stream,
    path: monitor.path,
    headers: { host: hostHeader(question, monitor), 'user-agent': 'tangent', accept: '*/*', connection: 'close' },
    maxHeaderSize: headerLimit,
  })
  let interim = 0
  asked.on('information', () => {
    if ((interim += 1) > interimLimit) done({ reason: 'protocol', detail: `More than ${interimLimit} interim answers came and no answer.` })
  })
  asked.on('response', (response) => read(response, monitor, done))
  asked.on('upgrade', (response) => done(statusOutcome(response, monitor) ?? good('Status 101.')))
  asked.on('error', (error) => done(httpOutcome(error)))
  asked.end()
  return () => {
    reset()
    stream.destroy()
    asked.destroy()
  }
}

function read(response: IncomingMessage, monitor: Monitor, done: (outcome: Outcome) => void): void {
  response.on('error', (error) => done(httpOutcome(error)))
  const wrong = statusOutcome(response, monitor)
  if (wrong) return done(wrong)
  if (monitor.body === null) return done(good(`Status ${response.statusCode}.`))
  const wanted = Buffer.from(monitor.body)
  const seen = Buffer.alloc(bodyLimit)
  let length = 0
  const missing = (): void => done({ reason: 'wrong-body', detail: `Status ${response.statusCode}, but ${quoted(monitor.body ?? '')} is not in the first ${length} bytes.` })
  response.on('data', (chunk: Buffer) => {
    // What was searched already is not searched again, however small the pieces are.
    const from = Math.max(0, length - wanted.length + 1)
    length += chunk.copy(seen, length)
    if (seen.subarray(from, length).includes(wanted)) done(good(`Status ${response.statusCode}, with the text.`))
    else if (length === bodyLimit) missing()
  })
  response.on('end', missing)
}

function statusOutcome({ statusCode = 0 }: IncomingMessage, { statuses }: Monitor): Outcome | null {
  const fits = statuses.some((range) => {
    const [from = '', to = from] = range.split('-')
    return Number(from) <= statusCode && statusCode <= Number(to)
  })
  return fits ? null : { reason: 'wrong-status', detail: `Status ${statusCode} instead of ${statuses.join(', ')}.` }
}

function hostHeader({ asked, port }: Question, { type, host }: Monitor): string {
  if (host !== null) return host
  const name = asked.includes(':') ? `[${asked}]` : asked
  return port === (type === 'https' ? 443 : 80) ? name : `${name}:${port}`
}

const contexts = new Map<boolean, SecureContext>()

/** Without `verify` it only matters whether TLS is spoken, so old versions and weak ciphers are taken as well. */
function contextFor(verify: boolean): SecureContext {
  const context = contexts.get(verify) ?? createSecureContext(verify ? { ca: authorities() } : { minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' })
  contexts.set(verify, context)
  return context
}

/** Those that Node knows, and those that the machine trusts: an organisation's own are there (update-ca-certificates(8)). */
function authorities(): string[] {
  try {
    return [...rootCertificates, readFileSync(process.env.SSL_CERT_FILE ?? '/etc/ssl/certs/ca-certificates.crt', 'utf8')]
  } catch {
    return [...rootCertificates]
  }
}

function tlsOptions({ asked }: Question, monitor: Monitor): ConnectionOptions {
  const verify = monitor.type === 'https' && monitor.verify
  const name = (monitor.host ?? asked).replace(/^\[(.*)\](:\d+)?$/, '$1').replace(/^([^:]*):\d+$/, '$1')
  return {
    secureContext: contextFor(verify),
    rejectUnauthorized: verify,
    // An address is no name to choose a certificate by (RFC 6066, 3).
    ...(isIP(name) === 0 ? { servername: name } : {}),
    checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
  }
}

function tlsOutcome(error: NodeJS.ErrnoException): Outcome {
  const plain = outcomeOf(error)
  return plain.reason === 'not-possible' || error.code === 'EPROTO' ? { reason: 'tls', detail: `TLS failed: ${quoted(error.message)}.` } : plain
}

function httpOutcome(error: NodeJS.ErrnoException): Outcome {
  if (error.code?.startsWith('HPE_')) return { reason: 'protocol', detail: `This is not HTTP: ${quoted(error.message)}.` }
  return outcomeOf(error)
}
