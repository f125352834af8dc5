import { describe, expect, test } from 'vitest'
import type { FarmInput } from '#lib/domain/farm.ts'
import { testConsole } from './console.ts'
import { farm } from './farm.ts'

const it = testConsole()

type Errors = Array<{ pointer: string; code: string; message: string; hint: string }>

async function errorsOf(body: unknown, name = 'web'): Promise<Errors> {
  const reply = await it.api('PUT', `/api/v1/farms/${encodeURIComponent(name)}`, { body })
  expect(reply.status, reply.text).toBe(422)
  expect(reply.headers.get('content-type')).toBe('application/problem+json')
  return reply.body.errors as unknown as Errors // The reply's shape is what the test looks at.
}

const backend = { name: 'web1', address: '203.0.113.21' }

const cases: Array<[string, Partial<Record<keyof FarmInput, unknown>>, string, string]> = [
  ['round-robin on TCP in DSR', { scheduler: 'round-robin' }, '/scheduler', 'scheduler-per-packet'],
  ['weighted on SCTP in DSR', { scheduler: 'weighted', protocol: 'sctp' }, '/scheduler', 'scheduler-per-packet'],
  ['maglev outside DSR', { mode: 'snat', scheduler: 'maglev' }, '/scheduler', 'maglev-needs-dsr'],
  ['maglev with persistence', { scheduler: 'maglev', persistence: ['srcip'] }, '/persistence', 'maglev-persistence'],
  ['an additional VIP outside maglev', { scheduler: 'symhash', additionalVips: ['203.0.113.8'] }, '/additionalVips', 'additional-vips-need-maglev'],
  ['an additional VIP of the other family', { additionalVips: ['2001:db8::8'] }, '/additionalVips/0', 'family-mixed'],
  ['an additional VIP in no subnet of the appliance', { additionalVips: ['203.0.113.8', '198.51.100.7'] }, '/additionalVips/1', 'vip-off-subnet'],
  ['a table size that there is not', { slots: 4096 }, '/slots', 'value-invalid'],
  ['a handover that is too long', { handoverPeriod: 86_401 }, '/handoverPeriod', 'too-big'],
  ['a backend port that is not the VIP port in DSR', { backends: [{ ...backend, port: 8080 }] }, '/backends/0/port', 'dsr-port-translation'],
  ['a backend of the other family', { backends: [{ ...backend, address: '2001:db8::21' }] }, '/backends/0/address', 'family-mixed'],
  ['a loopback address as VIP', { vip: '127.0.0.1' }, '/vip', 'address-not-unicast'],
  ['port 0', { ports: ['0'] }, '/ports/0', 'port-invalid'],
  ['port 65536', { ports: ['80', '65536'] }, '/ports/1', 'port-invalid'],
  ['the range 80-70', { ports: ['80-70'] }, '/ports/0', 'port-invalid'],
  ['a VIP in no subnet of the appliance', { vip: '198.51.100.7' }, '/vip', 'vip-off-subnet'],
  ['an interface that is not there', { interface: 'eth9' }, '/interface', 'interface-unknown'],
  ['a DSR backend outside the subnet', { backends: [{ ...backend, address: '192.0.2.21' }] }, '/backends/0/address', 'backend-off-subnet'],
  ['an unknown field', { colour: 'red' } as never, '/colour', 'unknown-key'],
  ['an unknown field of a backend', { backends: [{ ...backend, colour: 'red' }] }, '/backends/0/colour', 'unknown-key'],
  ['a missing VIP', { vip: undefined }, '/vip', 'required'],
  ['two backends of one name', { backends: [backend, { ...backend, address: '203.0.113.22' }] }, '/backends/1/name', 'backend-name-taken'],
]

describe('a farm is refused with a pointer and a hint for', () => {
  for (const [title, different, pointer, code] of cases) {
    test(title, async () => {
      const errors = await errorsOf({ ...farm(), ...different })
      expect(errors).toContainEqual(expect.objectContaining({ pointer, code }))
      for (const error of errors) expect(error.hint, error.code).not.toBe('')
    })
  }

  const names = ['a b', "a'b", 'a;b', '../etc', 'x'.repeat(200), 'Web', '-web', '"', '$(id)']
  for (const name of names) {
    test(`the name ${JSON.stringify(name.slice(0, 20))}`, async () => {
      expect(await errorsOf(farm({ name }), name)).toContainEqual(expect.objectContaining({ pointer: '/name', code: 'name-invalid' }))
    })
  }

  test('a VIP, protocol and port that another farm has', async () => {
    await it.api('PUT', '/api/v1/farms/first', { body: farm({ name: 'first', ports: ['70-90'] }) })
    const errors = await errorsOf(farm())
    expect(errors).toMatchObject([{ pointer: '/ports', code: 'vip-port-taken', message: expect.stringContaining('first') }])
  })
})

test('any VIP of a farm keeps another farm from the same port of it, as its VIP or as an additional one', async () => {
  const expected = (pointer: string) => [{ pointer, code: 'vip-port-taken', message: expect.stringContaining('203.0.113.9 belongs to farm first') }]
  await it.api('PUT', '/api/v1/farms/first', { body: farm({ name: 'first', vip: '203.0.113.8', additionalVips: ['203.0.113.9', '203.0.113.10'] }) })
  expect(await errorsOf(farm({ vip: '203.0.113.9' }))).toMatchObject(expected('/ports'))
  expect(await errorsOf(farm({ additionalVips: ['203.0.113.20', '203.0.113.9'] }))).toMatchObject(expected('/additionalVips/1'))
  expect((await it.api('PUT', '/api/v1/farms/web', { body: farm({ vip: '203.0.113.9', ports: ['443'] }) })).status).toBe(201)
})

test('a VIP that a farm gave up is free for others', async () => {
  await it.api('PUT', '/api/v1/farms/first', { body: farm({ name: 'first', vip: '203.0.113.8', additionalVips: ['203.0.113.9'] }) })
  expect(await errorsOf(farm({ vip: '203.0.113.9' }))).toMatchObject([{ code: 'vip-port-taken' }])
  await it.api('PATCH', '/api/v1/farms/first', { body: { additionalVips: [] }, headers: { 'if-match': '*' } })
  expect((await it.api('PUT', '/api/v1/farms/web', { body: farm({ vip: '203.0.113.9' }) })).status).toBe(201)
  expect((await it.api('DELETE', '/api/v1/farms/first', { headers: { 'if-match': '*' } })).status).toBe(200)
  expect((await it.api('PUT', '/api/v1/farms/other', { body: farm({ name: 'other', vip: '203.0.113.8' }) })).status).toBe(201)
})

test('a backend that a stateless farm shares with another on the same port is refused, on another port it is fine', async () => {
  const stateless = { mode: 'stateless-dnat' as const, backends: [{ name: 'web1', address: '203.0.113.21' }] }
  await it.api('PUT', '/api/v1/farms/first', { body: farm({ name: 'first', vip: '203.0.113.8', ...stateless }) })
  expect(await errorsOf(farm(stateless))).toMatchObject([{ pointer: '/backends/0/address', code: 'stateless-backend-taken' }])
  expect((await it.api('PUT', '/api/v1/farms/web', { body: farm({ ...stateless, ports: ['443'] }) })).status).toBe(201)
})

test('a backend that has another MAC in another farm is refused; with the same one, or none, it is fine', async () => {
  const pinned = (mac?: string) => ({ backends: [{ name: 'web1', address: '203.0.113.21', mac }] })
  await it.api('PUT', '/api/v1/farms/first', { body: farm({ name: 'first', vip: '203.0.113.8', ...pinned('52:54:00:00:00:11') }) })
  expect(await errorsOf(farm(pinned('52:54:00:00:00:12')))).toMatchObject([{ pointer: '/backends/0/mac', code: 'mac-differs', message: expect.stringContaining('first') }])
  expect((await it.api('PUT', '/api/v1/farms/web', { body: farm(pinned('52:54:00:00:00:11')) })).status).toBe(201)
  expect((await it.api('PUT', '/api/v1/farms/other', { body: farm({ name: 'other', vip: '203.0.113.9', ...pinned() }) })).status).toBe(201)
})

test('the same VIP and port on TCP and on UDP is fine, and so are two ports of one VIP', async () => {
  expect((await it.api('PUT', '/api/v1/farms/tcp', { body: farm({ name: 'tcp' }) })).status).toBe(201)
  expect((await it.api('PUT', '/api/v1/farms/udp', { body: farm({ name: 'udp', protocol: 'udp' }) })).status).toBe(201)
  expect((await it.api('PUT', '/api/v1/farms/other', { body: farm({ name: 'other', ports: ['443'] }) })).status).toBe(201)
})

test.each(['additionalVips', 'backends'])('far too many %s are refused like a few too many', async (field) => {
  const addresses = Array.from({ length: 40_000 }, (_, i) => `10.1.${i >> 8}.${i & 255}`)
  const list = field === 'backends' ? addresses.slice(0, 10_000).map((address, i) => ({ name: `b${i}`, address })) : addresses
  const errors = await errorsOf({ ...farm({ mode: field === 'backends' ? 'stateless-dnat' : 'dsr' }), [field]: list })
  expect(errors).toContainEqual(expect.objectContaining({ pointer: `/${field}`, code: 'too-big' }))
})

test('a routed VIP is fine when the interface is given', async () => {
  expect((await it.api('PUT', '/api/v1/farms/web', { body: farm({ vip: '198.51.100.7', interface: 'eth0' }) })).status).toBe(201)
})

test('every problem is reported at once', async () => {
  const errors = await errorsOf({ ...farm(), vip: 'x', ports: ['0', '80-70'], persistenceTtl: 0, colour: 'red', backends: [{ name: 'a b', address: '::1' }] })
  const pointers = errors.map((error) => error.pointer)
  for (const pointer of ['/vip', '/ports/0', '/ports/1', '/persistenceTtl', '/colour', '/backends/0/name', '/backends/0/address']) expect(pointers).toContain(pointer)
})

test('a body that is no object is refused and removes nothing', async () => {
  await it.api('PUT', '/api/v1/farms/web', { body: farm() })
  for (const body of ['null', '[]', '"web"', '1']) {
    expect((await it.api('PUT', '/api/v1/farms/web', { body, headers: { 'if-match': '*' } })).status, body).toBe(422)
    expect((await it.api('PATCH', '/api/v1/farms/web', { body, headers: { 'if-match': '*' } })).status, body).toBe(422)
  }
  expect((await it.api('GET', '/api/v1/farms/web')).status).toBe(200)
})
