import { strToU8, zipSync } from 'fflate'
import { farmKit, kitSystems } from '#lib/prep/kit.ts'
import { db } from './db.ts'
import { getFarm } from './farms.ts'
import { download, scriptOf } from './prep.ts'
import { loadMachines, nothingToPrepare, requireNeed, servesDsr, systemOf } from './prep-machines.ts'

/** The scripts of all backends of a farm, each for the system of its machine, as one zip file. Refuses a farm whose backends need none. */
export async function farmZip(name: string): Promise<Response> {
  const { farm } = await getFarm(name)
  if (farm.backends.length === 0) throw nothingToPrepare(`Farm ${name} has no backends yet.`)
  const machines = await loadMachines(db(), farm.backends.map(({ address }) => address))
  const kit = []
  for (const backend of farm.backends) {
    const machine = machines.get(backend.address)
    if (machine && servesDsr(machine)) kit.push({ backend, scripts: await Promise.all(kitSystems(systemOf(machine)).map((system) => scriptOf(machine, system))) })
  }
  if (kit.length === 0) machines.forEach(requireNeed)
  const files = farmKit(farm, kit).map((file) => [file.name, strToU8(file.text)] as const)
  // The earliest time that a zip can have. The library reads it as local time, so that the same files are the same bytes everywhere.
  const mtime = new Date(1980, 0, 1)
  return download(zipSync(Object.fromEntries(files), { mtime }), `tangent-${name}.zip`, 'application/zip')
}
