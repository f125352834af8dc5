import { createHash } from 'node:crypto'
import { unzipSync } from 'fflate'
import { beforeEach, describe, expect, test } from 'vitest'
import { prepSystems } from '#lib/prep/prep.ts'
import { testConsole } from './console.ts'
import { farm } from './farm.ts'

const it = testConsole()
const web = '/api/v1/farms/web'
const prep = `${web}/backends/web1/prep`

beforeEach(async () => {
  await it.api('PUT', web, { body: farm() })
})

describe('a script', () => {
  test('is a download with a safe name, and its hash can be asked for', async () => {
    const script = await it.api('GET', `${prep}?system=linux`, { as: 'read' })
    expect(script.status).toBe(200)
    expect(script.headers.get('content-type')).toBe('text/plain; charset=us-ascii')
    expect(script.headers.get('content-disposition')).toMatch(/^attachment; filename="[A-Za-z0-9._-]+"$/)
    expect(script.headers.get('x-content-type-options')).toBe('nosniff')
    expect(script.text).toContain('203.0.113.7')
    const json = await it.api('GET', `${prep}?system=linux`, { headers: { accept: 'application/json' } })
    expect(json.body).toMatchObject({ system: 'linux', text: script.text, sha256: createHash('sha256').update(script.text).digest('hex') })
  })

  test.each(prepSystems)('for %s covers every DSR farm that the machine serves, and says the same to all of them', async (system) => {
    await it.api('PUT', '/api/v1/farms/shop', { body: farm({ name: 'shop', vip: '203.0.113.8', backends: [{ name: 'shop1', address: '203.0.113.21' }] }) })
    await it.api('PUT', '/api/v1/farms/mail', { body: farm({ name: 'mail', vip: '203.0.113.9', backends: [{ name: 'mail1', address: '203.0.113.99' }] }) })
    const { status, text } = await it.api('GET', `${prep}?system=${system}`)
    expect(status).toBe(200)
    expect(text).toContain('203.0.113.8')
    expect(text).not.toContain('203.0.113.9')
    expect((await it.api('GET', `/api/v1/farms/shop/backends/shop1/prep?system=${system}`)).text).toBe(text)
  })

  test('is for the system that was chosen for the machine, and for Linux before', async () => {
    const asked = async (path: string) => (await it.api('GET', path, { headers: { accept: 'application/json' } })).body.system
    expect(await asked(prep)).toBe('linux')
    await it.api('PUT', `${prep}/system`, { body: { system: 'windows-powershell' } })
    expect(await asked(prep)).toBe('windows-powershell')
    expect(await asked(`${prep}?system=ansible`)).toBe('ansible')
    expect(await asked(`${web}/backends/web2/prep`)).toBe('linux')
  })

  test('that is not needed, and one for an unknown system, are refused in words', async () => {
    await it.api('PATCH', web, { body: { mode: 'snat', scheduler: 'symhash' }, headers: { 'if-match': '*' } })
    expect((await it.api('GET', `${prep}?system=linux`)).body).toMatchObject({ status: 422, errors: [{ code: 'nothing-to-prepare' }] })
    expect((await it.api('GET', `${prep}?system=beos`)).body.errors).toMatchObject([{ pointer: '/system', code: 'value-invalid' }])
    expect((await it.api('GET', `${web}/backends/none/prep`)).status).toBe(404)
  })
})

describe('the zip of a farm', () => {
  const filesOf = async () => Object.entries(unzipSync((await it.api('GET', `${web}/prep`, { as: 'read' })).bytes)).map(([name, bytes]) => ({ name, text: new TextDecoder().decode(bytes) }))

  test('is a download with the script of each backend for its system, as the backend itself gives it', async () => {
    await it.api('PUT', `${web}/backends/web2/prep/system`, { body: { system: 'windows-powershell' } })
    const zip = await it.api('GET', `${web}/prep`, { as: 'read' })
    expect([zip.status, zip.headers.get('content-type'), zip.headers.get('content-disposition')]).toEqual([200, 'application/zip', 'attachment; filename="tangent-web.zip"'])
    const texts = (await filesOf()).map(({ text }) => text)
    expect(texts).toContain((await it.api('GET', `${prep}?system=linux`)).text)
    expect(texts).toContain((await it.api('GET', `${web}/backends/web2/prep?system=windows-powershell`)).text)
  })

  test('has the script that checks a machine of a system without a check of its own', async () => {
    await it.api('PUT', `${prep}/system`, { body: { system: 'ansible' } })
    const own = (await filesOf()).filter(({ name }) => name.startsWith('web1/')).map(({ text }) => text)
    expect(own).toEqual([(await it.api('GET', `${prep}?system=ansible`)).text, (await it.api('GET', `${prep}?system=linux`)).text])
  })

  test('is the same bytes whenever and wherever it is made', async () => {
    const { bytes } = await it.api('GET', `${web}/prep`)
    const before = process.env.TZ
    try {
      for (const zone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
        process.env.TZ = zone
        expect(Buffer.compare((await it.api('GET', `${web}/prep`)).bytes, bytes), zone).toBe(0)
      }
    } finally {
      if (before === undefined) delete process.env.TZ
      else process.env.TZ = before
    }
  })

  test('has nothing for backends that need no preparation, and is refused when none of them does', async () => {
    await it.api('PUT', '/api/v1/farms/nat', { body: farm({ name: 'nat', mode: 'snat', vip: '203.0.113.8', backends: [{ name: 'nat1', address: '203.0.113.21' }, { name: 'nat2', address: '203.0.113.99' }] }) })
    const names = Object.keys(unzipSync((await it.api('GET', '/api/v1/farms/nat/prep')).bytes))
    expect(names.filter((name) => name.startsWith('nat1/'))).not.toEqual([])
    expect(names.filter((name) => name.startsWith('nat2/'))).toEqual([])
    await it.api('DELETE', web, { headers: { 'if-match': '*' } })
    expect((await it.api('GET', '/api/v1/farms/nat/prep')).body).toMatchObject({ status: 422, errors: [{ code: 'nothing-to-prepare', message: expect.stringContaining('in mode snat') }] })
    await it.api('PUT', '/api/v1/farms/empty', { body: farm({ name: 'empty', vip: '203.0.113.9', backends: [] }) })
    expect((await it.api('GET', '/api/v1/farms/empty/prep')).body).toMatchObject({ status: 422, detail: 'Farm empty has no backends yet.' })
    expect((await it.api('GET', '/api/v1/farms/none/prep')).status).toBe(404)
  })
})
