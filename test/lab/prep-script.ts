import type { PrepFarm, PrepScript, PrepSystem } from '#lib/prep/prep.ts'
import { prepScript } from '#lib/prep/script.ts'

/** A farm per VIP, with the same protocol and ports each. */
export type Wanted = { vips: string[]; address?: string; protocol?: PrepFarm['protocol']; ports?: string[]; appliances?: string[] }

/** The Linux script of a backend; of the machine of `createPrepMachine` when no address is given. */
export function linuxScript(wanted: Wanted): string {
  return scriptFor('linux', wanted).text
}

/** The same for any system, with its commands. */
export function scriptFor(system: PrepSystem, { vips, address = vips[0]?.includes(':') ? 'fd09::21' : '10.9.0.21', protocol = 'tcp', ports = ['80'], appliances = [vips[0]?.includes(':') ? 'fd09::2' : '10.9.0.2'] }: Wanted): PrepScript {
  const farms = vips.map((vip, index): PrepFarm => ({ name: `farm-${index}`, vip, additionalVips: [], protocol, ports, mode: 'dsr', delivery: 'l2' }))
  const made = prepScript({ system, backend: { name: 'web1', address }, farms, appliances })
  if ('refusal' in made) throw new Error(made.refusal)
  return made
}
