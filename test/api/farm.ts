import type { FarmInput } from '#lib/domain/farm.ts'

/** A valid DSR farm in the network of the fake agent's eth0. */
export function farm(different: Partial<FarmInput> = {}): FarmInput {
  return {
    name: 'web',
    vip: '203.0.113.7',
    protocol: 'tcp',
    ports: ['80'],
    backends: [
      { name: 'web1', address: '203.0.113.21' },
      { name: 'web2', address: '203.0.113.22' },
    ],
    ...different,
  }
}
