import { prepFacts } from './facts.ts'
import type { PrepFacts } from './facts.ts'
import { linuxScript } from './linux/linux.ts'
import type { PrepInput, PrepRefusal, PrepScript, PrepSystem } from './prep.ts'
import { windowsCmdScript } from './windows-cmd/windows-cmd.ts'
import { windowsPowershellScript } from './windows-powershell/windows-powershell.ts'

const systems: Record<PrepSystem, (facts: PrepFacts) => PrepScript> = {
  linux: linuxScript,
  'windows-powershell': windowsPowershellScript,
  'windows-cmd': windowsCmdScript,
}

/**
 * Generates the script that prepares one backend for all VIPs of all DSR farms it serves. When nothing is to be prepared, the
 * answer says why. Farms are taken as checked ones; text that is no address or port throws, it never reaches the script.
 */
export function prepScript(input: PrepInput): PrepScript | PrepRefusal {
  const facts = prepFacts(input)
  return 'refusal' in facts ? facts : systems[input.system](facts)
}
