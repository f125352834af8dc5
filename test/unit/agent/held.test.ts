import { describe, expect, it } from 'vitest'
import type { FarmInput } from '#lib/domain/farm.ts'
import { holdsExactly } from '#agent/engine/nftlb/held.ts'
import { backends, json } from './json.ts'

/** What nftlb 1.0.7 answers to GET /farms: lists with a blank after each word, no interface, no MAC addresses. */
const answer = JSON.stringify({
  farms: [
    {
      name: 'f_web', family: 'ipv4', 'virtual-addr': '203.0.113.7', 'virtual-ports': '80', mode: 'dsr', protocol: 'tcp', scheduler: 'hash', 'sched-param': 'srcip srcport ',
      persistence: 'srcip srcport ', 'persist-ttl': '60', log: 'none', state: 'up',
      backends: [{ name: 'b_b1', 'ip-addr': '203.0.113.21', port: '', weight: '1', priority: '1', mark: '0x1', state: 'up' }],
    },
  ],
})
const same: Partial<FarmInput> = { scheduler: 'hash', hashInput: ['srcip', 'srcport'], persistence: ['srcip', 'srcport'], persistenceTtl: 60, backends: backends(1) }

describe('an nftlb that a former agent left', () => {
  it('is taken over when it holds exactly what is wanted', () => {
    expect(holdsExactly(answer, [json(same)])).toBe(true)
  })

  it.each<[string, Partial<FarmInput>]>([
    ['another lifetime of its entries', { persistenceTtl: 600 }],
    ['other persistence', { persistence: ['srcip'] }],
    ['another scheduler', { scheduler: 'symhash' }],
    ['another hash input', { hashInput: ['srcip'] }],
    ['another port', { ports: ['81'] }],
    ['another backend address', { backends: backends(1, { b1: { address: '203.0.113.99' } }) }],
    ['another weight', { backends: backends(1, { b1: { weight: 2 } }) }],
    ['one more backend', { backends: backends(2) }],
  ])('is not taken over when an edit that it missed brought %s', (_, edit) => {
    expect(holdsExactly(answer, [json({ ...same, ...edit })])).toBe(false)
  })

  it('is not taken over when it holds nothing', () => {
    expect(holdsExactly('{"farms":[]}', [json(same)])).toBe(false)
  })
})
