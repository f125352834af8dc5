import fc from 'fast-check'
import { expect, test } from 'vitest'
import { farmProblems } from '#components/farm-form/farm-problems.ts'
import { fieldOf } from '#components/farm-form/field-id.ts'
import { emptyBackend, inMode, newFarmValues, suggestName, toFarmInput, toFarmValues, type FarmValues } from '#components/farm-form/farm-values.ts'
import { farmSchema, hashTokens, modes, protocols, schedulers, tableSizes } from '#lib/domain/farm.ts'
import { farm, nobody } from '#test/unit/domain/farms.ts'

const backends = fc.uniqueArray(fc.record({ host: fc.integer({ min: 1, max: 250 }), weight: fc.integer({ min: 1, max: 1000 }), priority: fc.integer({ min: 1, max: 100 }), mac: fc.constantFrom(null, '52:54:00:12:34:56'), port: fc.constantFrom(null, 8080) }), { selector: ({ host }) => host, maxLength: 5 })
const farms = fc
  .record({ mode: fc.constantFrom(...modes), protocol: fc.constantFrom(...protocols), scheduler: fc.constantFrom(...schedulers), hashInput: fc.subarray([...hashTokens], { minLength: 1 }), persistence: fc.subarray([...hashTokens]), vips: fc.uniqueArray(fc.integer({ min: 1, max: 250 }), { maxLength: 3 }), slots: fc.constantFrom(...tableSizes), handoverPeriod: fc.integer({ min: 1, max: 86_400 }), handoverSize: fc.integer({ min: 1024, max: 1_048_576 }), ttl: fc.integer({ min: 1, max: 86_400 }), ports: fc.subarray(['22', '80', '443', '8000-8010']), backends })
  .map(({ mode, protocol, scheduler, hashInput, persistence, vips, ttl, ports, backends: list, ...table }) =>
    farmSchema.parse({
      name: 'web',
      vip: '203.0.113.254',
      additionalVips: vips.map((host) => `198.51.100.${host}`),
      ...table,
      mode,
      protocol,
      scheduler,
      hashInput,
      persistence: scheduler === 'maglev' ? [] : persistence,
      persistenceTtl: ttl,
      ports,
      backends: list.map(({ host, port, ...rest }) => ({ name: `web${host}`, address: `203.0.113.${host}`, port: mode === 'dsr' ? null : port, ...rest })),
    }),
  )

test('a farm that is put into the form and taken out again is the same farm', () => {
  fc.assert(
    fc.property(farms, (one) => {
      expect(farmSchema.parse(toFarmInput(toFarmValues(one)))).toEqual(one)
    }),
  )
})

test('ports are read with commas, blanks or both, and surrounding blanks are dropped', () => {
  const values: FarmValues = { ...newFarmValues, name: ' web ', vip: ' 203.0.113.7 ', ports: ' 443,80  8000-8010, ', backends: [{ ...emptyBackend('a', 'web1'), address: ' 203.0.113.21 ' }] }
  expect(farmSchema.parse(toFarmInput(values))).toMatchObject({ name: 'web', vip: '203.0.113.7', ports: ['80', '443', '8000-8010'], backends: [{ address: '203.0.113.21' }] })
})

test.each(['', '1.5', '-1', '1e3', '0x10', 'many', '99999999999'])('a weight of "%s" is a problem of that field', (weight) => {
  const values = { ...toFarmValues(farm()), backends: [{ ...emptyBackend('a', 'web1'), address: '203.0.113.21', weight }] }
  expect(farmProblems(values, nobody, false).map((problem) => problem.pointer)).toEqual(['/backends/0/weight'])
})

test('in mode DSR a port that was typed for another mode is kept in the form and not sent', () => {
  const backend = { ...emptyBackend('a', 'web1'), address: '203.0.113.21', port: '8080' }
  const values = { ...toFarmValues(farm()), backends: [backend] }
  expect(toFarmInput(values).backends).toMatchObject([{ port: null }])
  expect(toFarmInput({ ...values, mode: 'snat' }).backends).toMatchObject([{ port: 8080 }])
})

test('blank rows of additional VIPs are no VIPs', () => {
  const values = { ...newFarmValues, name: 'web', vip: '203.0.113.7', backends: [], additionalVips: [{ key: 'a', address: ' ' }, { key: 'b', address: ' 203.0.113.8 ' }] }
  expect(toFarmInput(values).additionalVips).toEqual(['203.0.113.8'])
  expect(farmProblems(values, nobody, true)).toEqual([])
})

test('persistence that was chosen for another scheduler is kept in the form and not sent with maglev', () => {
  const values: FarmValues = { ...toFarmValues(farm({ scheduler: 'symhash', persistence: ['srcip'] })), scheduler: 'maglev' }
  expect(toFarmInput(values).persistence).toEqual([])
  expect(toFarmInput({ ...values, scheduler: 'hash' }).persistence).toEqual(['srcip'])
})

test('a new farm gets its table size from the number of its backends unless one is chosen', () => {
  expect(toFarmInput(newFarmValues)).not.toHaveProperty('slots')
  expect(toFarmInput({ ...newFarmValues, slots: '65537' }).slots).toBe(65537)
})

test('another mode brings its own default scheduler, and a chosen one stays', () => {
  const chosen: FarmValues = { ...newFarmValues, scheduler: 'hash' }
  expect(inMode(newFarmValues, 'snat')).toMatchObject({ mode: 'snat', scheduler: 'symhash' })
  expect(inMode(inMode(newFarmValues, 'snat'), 'dsr')).toMatchObject({ mode: 'dsr', scheduler: 'maglev' })
  expect(inMode(chosen, 'snat')).toMatchObject({ mode: 'snat', scheduler: 'hash' })
})

test('empty fields that must be filled in are said to be required, and a taken name only when a farm is made', () => {
  const problems = farmProblems({ ...newFarmValues, backends: [] }, nobody, true)
  expect(problems.map(({ pointer, message }) => `${pointer} ${message}`)).toEqual(['/name This field is required.', '/vip This field is required.'])
  const values = { ...toFarmValues(farm()), vip: '203.0.113.8' }
  const surroundings = { others: [farm()], interfaces: null }
  expect(farmProblems(values, surroundings, true).map((problem) => problem.code)).toEqual(['name-taken'])
  expect(farmProblems(values, surroundings, false)).toEqual([])
})

test('a pointer of the server leads to its control, also after a row above was removed', () => {
  const rows = { backends: [emptyBackend('b'), emptyBackend('c')], additionalVips: [{ key: 'vip:1', address: ' ' }, { key: 'vip:2', address: '203.0.113.8' }] }
  expect(fieldOf('/additionalVips/0', rows)).toBe('vip:2/address')
  expect(fieldOf('/additionalVips/5', rows)).toBe('additionalVips')
  expect(fieldOf('/additionalVips', rows)).toBe('additionalVips')
  expect(fieldOf('/ports/3', rows)).toBe('ports')
  expect(fieldOf('/backends/1/address', rows)).toBe('c/address')
  expect(fieldOf('/backends/1', rows)).toBe('c/name')
  expect(fieldOf('/backends', rows)).toBe('backends')
  expect(fieldOf('/backends/7/name', rows)).toBe('backends')
  expect(fieldOf('/delivery', rows)).toBeNull()
  expect(fieldOf('', rows)).toBeNull()
})

test('a new backend gets the first free name after a valid name of its farm', () => {
  expect(suggestName('web', [emptyBackend('a', 'web1'), emptyBackend('b', 'web3')])).toBe('web2')
  expect(suggestName('Web Shop', [])).toBe('')
})
