import { ansiblePlaybook } from './ansible/ansible.ts'
import { cloudInitConfig } from './cloud-init/cloud-init.ts'
import { containerDocument } from './documents/container.ts'
import { freebsdDocument } from './documents/freebsd.ts'
import { ifupdownDocument } from './documents/ifupdown.ts'
import { netplanDocument } from './documents/netplan.ts'
import { networkdDocument } from './documents/networkd.ts'
import { networkmanagerDocument } from './documents/networkmanager.ts'
import { prepFacts } from './facts.ts'
import type { PrepFacts } from './facts.ts'
import { linuxRedirectScript } from './linux-redirect/linux-redirect.ts'
import { linuxScript } from './linux/linux.ts'
import type { PrepInput, PrepRefusal, PrepScript, PrepSystem } from './prep.ts'
import { windowsCmdScript } from './windows-cmd/windows-cmd.ts'
import { windowsPowershellScript } from './windows-powershell/windows-powershell.ts'

const systems: Record<PrepSystem, (facts: PrepFacts) => PrepScript> = {
  'linux': linuxScript,
  'linux-redirect': linuxRedirectScript,
  'windows-powershell': windowsPowershellScript,
  'windows-cmd': windowsCmdScript,
  'ansible': ansiblePlaybook,
  'cloud-init': cloudInitConfig,
  'netplan': netplanDocument,
  'networkd': networkdDocument,
  'networkmanager': networkmanagerDocument,
  'ifupdown': ifupdownDocument,
  'freebsd': freebsdDocument,
  'container': containerDocument,
}

/**
 * Generates the script that prepares one backend for all VIPs of all DSR farms it serves. When nothing is to be prepared, the
 * answer says why. Farms are taken as checked ones; text that is no address or port throws, it never reaches the script.
 */
export function prepScript(input: PrepInput): PrepScript | PrepRefusal {
  const facts = prepFacts(input)
  return 'refusal' in facts ? facts : systems[input.system](facts)
}
