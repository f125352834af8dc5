import { readdirSync, readFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { NftlbFarm } from '#lib/render/nftlb.ts'
import { root } from '#scripts/setup/project.mjs'

/** Where nftlb's own test data lie, beside the project. They are under another licence and no part of it. */
export const dataFolder = join(root, '..', 'shared', 'data', 'nftlb')

const loopback = '127.0.0.1'

/** A case of nftlb's tests: the DSR farms that nftlb reports after it. */
export type Case = { group: string; name: string; farms: NftlbFarm[] }

const backendSchema = z.looseObject({ name: z.string(), 'ip-addr': z.string().optional(), 'ether-addr': z.string().optional(), port: z.string().default(''), weight: z.string().default('1'), state: z.enum(['up', 'down', 'off']).default('up') })
const farmSchema = z.looseObject({ name: z.string(), backends: z.array(backendSchema).default([]) })
const documentSchema = z.object({ farms: z.array(farmSchema).default([]) })

/** What nftlb reports of a farm. */
const reportedSchema = farmSchema.extend({
  family: z.enum(['ipv4', 'ipv6']),
  'virtual-addr': z.string(),
  'virtual-ports': z.string(),
  mode: z.string(),
  protocol: z.enum(['tcp', 'udp', 'sctp', 'all']),
  scheduler: z.enum(['symhash', 'hash', 'rr', 'weight']),
  'sched-param': z.string(),
  persistence: z.string(),
  'persist-ttl': z.string(),
  state: z.enum(['up', 'down']),
  backends: z.array(backendSchema.extend({ 'ip-addr': z.string() })),
})
const reportSchema = z.object({ farms: z.array(reportedSchema).default([]) })

/**
 * The cases of one group in the order of their numbers, each building on those before; only those with a DSR farm. nftlb does not
 * report MAC addresses: they are taken from what was posted so far. All cases are on `lo`, where nothing can be seen: its address is
 * replaced, and its name and MAC are left out, for whoever runs the case to fill in his own.
 */
export function casesOf(group: string, address: string): Case[] {
  const macs = new Map<string, string>()
  const names = readdirSync(join(dataFolder, group)).sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
  return names.flatMap((name) => {
    const read = (file: string): unknown => {
      const path = join(dataFolder, group, name, file)
      const text = existsSync(path) ? readFileSync(path, 'utf8').trim() : ''
      return text === '' ? {} : JSON.parse(text.replaceAll(loopback, address))
    }
    for (const farm of documentSchema.parse(read('data.json')).farms) {
      for (const backend of farm.backends) if (backend['ether-addr']) macs.set(`${farm.name} ${backend.name}`, backend['ether-addr'])
    }
    const reported = reportSchema.parse(read('obj.out')).farms.filter(({ mode }) => mode === 'dsr')
    const farms = reported.map((farm): NftlbFarm => ({
      name: farm.name,
      family: farm.family,
      'virtual-addr': farm['virtual-addr'],
      'virtual-ports': farm['virtual-ports'],
      mode: 'dsr',
      protocol: farm.protocol,
      scheduler: farm.scheduler,
      'sched-param': farm['sched-param'].trim(),
      persistence: farm.persistence.trim(),
      'persist-ttl': farm['persist-ttl'],
      backends: farm.backends.map((backend) => {
        const known = macs.get(`${farm.name} ${backend.name}`)
        return { name: backend.name, 'ip-addr': backend['ip-addr'], ...(known ? { 'ether-addr': known } : {}), port: backend.port, weight: backend.weight, priority: '1', state: backend.state }
      }),
      state: farm.state,
    }))
    return farms.length > 0 ? [{ group, name, farms }] : []
  })
}

/** The groups of cases; none when the data are not there. */
export function groups(): string[] {
  return existsSync(dataFolder) ? readdirSync(dataFolder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort() : []
}
