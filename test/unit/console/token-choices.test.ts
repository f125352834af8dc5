import { expect, it } from 'vitest'
import { tokenChoices } from '#components/farm-form/token-choices.ts'

const values = (...args: Parameters<typeof tokenChoices>): string[] => tokenChoices(...args).map(({ value }) => value)

it('offers the MAC address of the client where it can be read', () => {
  expect(values('snat', [])).toContain('srcmac')
  expect(values('dsr', [])).toEqual(['srcip', 'dstip', 'srcport', 'dstport'])
})

it('shows one that was chosen before, so that it can be taken off', () => {
  expect(values('dsr', ['srcmac'])).toContain('srcmac')
})
