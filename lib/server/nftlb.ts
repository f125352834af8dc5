import { rolesOf } from '#lib/domain/active.ts'
import { agentStatusSchema } from '#lib/domain/agent-protocol.ts'
import { needsMac } from '#lib/domain/farm.ts'
import { interfaceOf } from '#lib/domain/interface.ts'
import { exportFarm, type ExportedFarm } from '#lib/render/export-farm.ts'
import { renderFarm } from '#lib/render/nftlb.ts'
import { askAgent } from './agent.ts'
import { getFarm } from './farms.ts'
import { interfacesNow } from './interfaces.ts'

/** The farm as JSON that a stock nftlb loads and what it does otherwise there, with the interface and the MAC addresses that the agent knows; without it those of the configuration. */
export async function farmAsNftlb(name: string): Promise<{ farms: ExportedFarm[]; notes: string[] }> {
  const { farm } = await getFarm(name)
  const [interfaces, seen] = await Promise.all([interfacesNow(), askAgent('GET', `/v1/status?farm=${encodeURIComponent(name)}`, agentStatusSchema, 2000)])
  const observed = seen.ok ? seen.value.farms.find((one) => one.name === name) : undefined
  const macs = new Map(farm.backends.flatMap(({ name: backend, mac }) => (mac === null ? [] : [[backend, mac]])))
  for (const backend of observed?.backends ?? []) if (backend.mac !== null && !macs.has(backend.name)) macs.set(backend.name, backend.mac)
  const roles = rolesOf(farm, (backend) => !needsMac(farm.mode) || macs.has(backend.name))
  const exported = exportFarm(renderFarm(farm, { interface: interfaceOf(farm, interfaces ?? []), roles, macs }))
  return { farms: [exported.farm], notes: exported.notes }
}
