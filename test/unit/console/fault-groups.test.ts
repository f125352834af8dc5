import { expect, test } from 'vitest'
import { faultGroups, namesText } from '#components/status/fault-groups.ts'
import { fault } from '#lib/domain/fault.ts'

const failing = (farm: string, count: number) => Array.from({ length: count }, (_, index) => fault('backend-unhealthy', `reason ${index + 1}`, { farm, backend: `${farm}${index + 1}` }))
const told = (...faults: ReturnType<typeof fault>[]): string[] => faultGroups(faults).map(({ first, faults: list }) => `${first.severity} ${first.code} ${first.farm ?? '-'} ${list.length}`)

test('many backends of a farm with the same fault are one line, after what is worse', () => {
  expect(told(...failing('web', 200), ...failing('mail', 2), fault('all-unhealthy', '', { farm: 'web' }), fault('probe-trouble', 'nft'))).toEqual(['critical all-unhealthy web 1', 'warning probe-trouble - 1', 'warning backend-unhealthy mail 1', 'warning backend-unhealthy mail 1', 'warning backend-unhealthy web 200'])
})

test('different faults of backends, and the same one in two farms, stay apart', () => {
  const silent = failing('web', 3).map(({ backend }) => fault('backend-mac-unknown', '', { farm: 'web', backend: backend ?? '' }))
  expect(told(...failing('web', 3), ...silent, ...failing('mail', 4))).toEqual(['critical backend-mac-unknown web 3', 'warning backend-unhealthy mail 4', 'warning backend-unhealthy web 3'])
})

test('several faults of one kind about a farm as a whole are no group', () => {
  expect(told(...['a', 'b', 'c'].map((detail) => fault('vip-in-use', detail, { farm: 'web' })))).toHaveLength(3)
})

test('a group names its first backends in the order of their numbers', () => {
  expect(faultGroups(failing('web', 12)).map(namesText)).toEqual(['web1, web2, web3, web4, web5 and 7 more'])
  expect(faultGroups(failing('web', 3)).map(namesText)).toEqual(['web1, web2, web3'])
})
