import { describe, expect, it } from 'vitest'
import { resolve, type MacLookup } from '#agent/resolve.ts'
import { farm } from '../domain/farms.ts'

const interfaces = [{ name: 'eth0', mac: '52:54:00:00:00:01', up: true, mtu: 1500, addresses: [{ address: '203.0.113.1', prefix: 24 }] }]

/** What the network says: a MAC that answers, one that answered once, or nothing at all. */
function resolved(answers: Record<string, ReturnType<MacLookup>>): ReturnType<typeof resolve> {
  return resolve(farm(), interfaces, (address) => answers[address] ?? { mac: null, lost: false })
}

const answering = { mac: '52:54:00:00:00:21', lost: false }
const fallenSilent = { mac: '52:54:00:00:00:22', lost: true }
const neverSeen = { mac: null, lost: true }

describe('backends on the network', () => {
  it('that fell silent get no traffic while another answers', () => {
    const { json, faults } = resolved({ '203.0.113.21': answering, '203.0.113.22': fallenSilent })
    expect(json?.backends.map(({ name, state }) => [name, state])).toEqual([['b_web1', 'up'], ['b_web2', 'down']])
    expect(faults.map(({ code }) => code)).toEqual(['backend-mac-unknown'])
  })

  it('that all fell silent stay in use, and a fault says so', () => {
    const { json, faults } = resolved({ '203.0.113.21': neverSeen, '203.0.113.22': fallenSilent })
    expect(json?.backends.map(({ name, state }) => [name, state])).toEqual([['b_web2', 'up']])
    expect(faults.map(({ code }) => code)).toEqual(['backend-mac-unknown', 'backend-mac-unknown', 'backend-lost'])
  })

  it('that never answered are not said to stay in use', () => {
    const { json, faults } = resolved({ '203.0.113.21': neverSeen, '203.0.113.22': neverSeen })
    expect(json?.backends).toEqual([])
    expect(faults.map(({ code }) => code)).toEqual(['backend-mac-unknown', 'backend-mac-unknown', 'no-active-backend'])
  })
})
