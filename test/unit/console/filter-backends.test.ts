import { expect, test } from 'vitest'
import { filterBackends } from '#components/backends/filter-backends.ts'
import { foldStatus } from '#lib/domain/status.ts'
import { farm } from '#test/unit/domain/farms.ts'
import { observation, unhealthy } from '#test/unit/domain/samples.ts'

const web = farm({ backends: [{ name: 'web1', address: '203.0.113.21' }, { name: 'web2', address: '203.0.113.22', adminState: 'draining' }, { name: 'old', address: '203.0.113.23' }] })
const status = foldStatus(web, observation({ web1: true, web2: false, old: false }, { old: { health: unhealthy, mac: '52:54:00:00:00:11' } }), [])
const found = (filter: string): string[] => filterBackends(web.backends, status, filter).map(({ name }) => name)

test('backends are found by name, address, admin state and status, and by several words at once', () => {
  expect([found(''), found('WEB'), found('.23'), found('draining'), found('error'), found('online web'), found('error web')]).toEqual([['old', 'web1', 'web2'], ['web1', 'web2'], ['old'], ['web2'], ['old'], ['web1'], []])
})

test('without a status they are unknown', () => {
  expect(filterBackends(web.backends, null, 'unknown')).toHaveLength(3)
})
