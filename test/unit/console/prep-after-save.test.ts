import { expect, test } from 'vitest'
import { afterSaving, savedWords } from '#components/farm-form/saved-words.ts'
import { prepAfterSave } from '#components/prep/after-save.ts'
import type { FarmInput } from '#lib/domain/farm.ts'
import type { ChangeReply } from '#lib/domain/replies.ts'
import { farm, farmInput } from '#test/unit/domain/farms.ts'

const again = 'Run the preparation again on its backends: '
const [web1, web2] = farmInput().backends ?? []
const web3 = { name: 'web3', address: '203.0.113.23' }

test.each<[string, Partial<FarmInput>, string | null]>([
  ['a VIP more', { additionalVips: ['203.0.113.8'] }, `${again}VIP 203.0.113.8 was added.`],
  ['another port', { ports: ['80', '443'] }, `${again}`],
  ['another VIP', { vip: '203.0.113.9' }, `${again}VIP 203.0.113.9 was added. VIP 203.0.113.7 was removed.`],
  ['a backend more', { backends: [web1, web2, web3].flatMap((one) => one ?? []) }, 'Prepare web3, so that clients get an answer from there.'],
  ['a backend less', { backends: [web1].flatMap((one) => one ?? []) }, null],
  ['another weight', { backends: [{ name: 'web1', address: '203.0.113.21', weight: 9 }] }, null],
  ['another handover period', { handoverPeriod: 60 }, null],
  ['mode snat', { mode: 'snat' }, null],
])('%s asks for: %s', (_, changes, words) => {
  if (words === null) expect(prepAfterSave(farm(), farm(changes))).toBeNull()
  else expect(prepAfterSave(farm(), farm(changes))).toContain(words)
})

test('a farm that becomes one of mode dsr is prepared like a new one', () => {
  expect(prepAfterSave(farm({ mode: 'snat' }), farm())).toContain(`${again}VIP 203.0.113.7 was added.`)
})

function reply(changes: Partial<FarmInput> = {}, pending = false): ChangeReply {
  return { farm: farm(changes), generation: 7, appliedGeneration: pending ? 6 : 7, pending, faults: [] }
}

test('what was saved and asks for more has a way there, and longer to be read', () => {
  expect(savedWords(reply({ additionalVips: ['203.0.113.8'] }), 'web', farm())).toEqual({
    tone: 'warning',
    title: 'Farm web was saved and applied',
    detail: `${again}VIP 203.0.113.8 was added.`,
    link: { label: 'Prepare backends', href: '/farms/web/prepare' },
  })
  expect(savedWords(reply(), 'web', farm())).toEqual({ tone: 'ok', title: 'Farm web was saved and applied' })
  expect(savedWords(reply({}, true), 'web', farm())).toMatchObject({ tone: 'warning', title: 'Farm web was saved', detail: expect.stringContaining('not applied yet (generation 7)') })
})

test('a new farm whose backends must be prepared leads there, every other one to its own page', () => {
  expect(afterSaving(reply(), 'web', null)).toBe('/farms/web/prepare')
  expect(afterSaving(reply({ mode: 'snat' }), 'web', null)).toBe('/farms/web')
  expect(afterSaving(reply({ backends: [] }), 'web', null)).toBe('/farms/web')
  expect(afterSaving(reply(), 'web', farm())).toBe('/farms/web')
})
