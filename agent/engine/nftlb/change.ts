import type { NftlbFarm } from '#lib/render/nftlb.ts'
import type { NftlbClient } from './client.ts'
import { dropSessions } from './drop-sessions.ts'
import { raiseGuard } from './guard.ts'
import type { NftlbWork } from './plan.ts'

/** The bits of a connection mark that say which backend it is; the others say how it is translated. */
const backendMark = 0xfff

/** The farms that nftlb holds, by name. */
export type Memory = Map<string, NftlbFarm>

/**
 * Carries out one step and keeps `memory` in line with what nftlb holds. Answers true when it raised the guard: the farm was
 * out for a moment, and with IPv6 or several interfaces nftlb may have taken the hooks of other farms with it.
 */
export async function changeFarm(client: NftlbClient, memory: Memory, work: NftlbWork): Promise<boolean> {
  const { farm } = work
  const guarded = work.kind === 'replace' || (work.kind === 'delete' && (farm.family === 'ipv6' || interfaces(memory) > 1))
  if (guarded) await raiseGuard()
  if (work.kind === 'create') {
    await client.post({ farms: [farm] })
    memory.set(farm.name, farm)
  } else if (work.kind === 'change') {
    await changeInPlace(client, work, memory.get(farm.name) ?? farm)
    memory.set(farm.name, farm)
  } else {
    await client.remove(`/farms/${farm.name}`)
    memory.delete(farm.name)
    if (work.kind === 'delete') return guarded
    await client.post({ farms: [farm] })
    memory.set(farm.name, farm)
  }
  return guarded
}

function interfaces(memory: Memory): number {
  return new Set([...memory.values()].map((farm) => farm.iface)).size
}

async function changeInPlace(client: NftlbClient, work: Extract<NftlbWork, { kind: 'change' }>, old: NftlbFarm): Promise<void> {
  const { farm, body, moved, removed, flushed } = work
  const path = `/farms/${farm.name}`
  const settled = moved.length > 0 ? await followed(client, work) : []
  const backends = (body.backends ?? []).flatMap((backend) => {
    if (!settled.includes(backend.name)) return [backend]
    const { 'ether-addr': _mac, ...rest } = backend
    return Object.keys(rest).length > 1 ? [rest] : []
  })
  if (backends.length > 0 || Object.keys(body).length > 2) await client.post({ farms: [{ ...body, backends }] })
  const ejected = farm.persistence === 'none' ? [] : [...flushed, ...removed]
  if (ejected.length > 0) await dropSessions(farm, await targetsOf(client, old, farm, ejected))
  for (const name of removed) await client.remove(`${path}/backends/${name}`)
}

/** What the entries of these backends lead to: MAC addresses and addresses, or in SNAT and DNAT the marks that nftlb gave them. */
async function targetsOf(client: NftlbClient, old: NftlbFarm, farm: NftlbFarm, names: readonly string[]): Promise<(to: string) => boolean> {
  if (farm.mode === 'dsr' || farm.mode === 'stlsdnat') {
    const key = farm.mode === 'dsr' ? 'ether-addr' : 'ip-addr'
    const targets = new Set([...old.backends, ...farm.backends].filter(({ name }) => names.includes(name)).map((backend) => backend[key]))
    return (to) => targets.has(to)
  }
  const { farms = [] } = JSON.parse(await client.get(`/farms/${farm.name}`)) as { farms?: Array<{ backends?: Array<{ name: string; mark?: string }> }> }
  const marks = new Set((farms[0]?.backends ?? []).filter(({ name }) => names.includes(name)).map(({ mark }) => Number(mark)))
  return (to) => marks.has(Number(to) & backendMark)
}

/** Backends whose new MAC nftlb has learnt from the kernel already; posting it again would take them out for a moment. */
async function followed(client: NftlbClient, { farm, moved }: Extract<NftlbWork, { kind: 'change' }>): Promise<string[]> {
  const { farms = [] } = JSON.parse(await client.get(`/farms/${farm.name}`)) as { farms?: Array<{ backends?: Array<{ name: string; 'ether-addr'?: string }> }> }
  const held = new Map((farms[0]?.backends ?? []).map((backend) => [backend.name, backend['ether-addr']?.toLowerCase()]))
  return moved.filter((backend) => held.get(backend.name) === backend['ether-addr']).map((backend) => backend.name)
}
