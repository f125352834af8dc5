import type { PrepFacts } from '../facts.ts'
import { familyLiteral, numberLiteral } from '../literal.ts'
import { blank, block, comment } from '../node.ts'
import type { ScriptNode } from '../node.ts'
import type { PrepChange, PrepScript } from '../prep.ts'
import { adapter } from './body-adapter.ts'
import { apply, parameters, shared } from './body-apply.ts'
import { check, undo } from './body-undo.ts'
import { printPowershell } from './print-powershell.ts'

/** The preparation script for Windows PowerShell 5.1 and PowerShell 7, Windows Server 2012 and later. */
export function windowsPowershellScript(facts: PrepFacts): PrepScript {
  const filename = `tangent-backend-${facts.key}.ps1`
  const run = (mode: 'Apply' | 'Check' | 'Undo') => `powershell.exe -NoProfile -ExecutionPolicy Bypass -File .\\${filename} -Mode ${mode}`
  return {
    system: 'windows-powershell',
    filename,
    mediaType: 'text/plain; charset=us-ascii',
    text: printPowershell(nodes(facts)),
    changes: changes(facts),
    commands: { apply: run('Apply'), check: run('Check'), undo: run('Undo') },
  }
}

function nodes(facts: PrepFacts): ScriptNode[] {
  return [
    comment`Prepares a Windows backend for Direct Server Return: this host takes packets for the VIP and answers the client itself.`,
    comment`  backend ${facts.name}, address ${facts.rip.text}`,
    ...facts.farms,
    comment`Run as administrator: -Mode Apply, then -Mode Check; -Mode Undo puts everything back.`,
    comment`Exit status: 0 ok, 1 a check failed, 2 not administrator, 3 refused.`,
    { kind: 'block', text: parameters },
    blank,
    { kind: 'scalar', name: block`Rip`, value: facts.rip.text },
    { kind: 'scalar', name: block`Key`, value: facts.key },
    { kind: 'scalar', name: block`Family`, value: familyLiteral(facts.rip.family) },
    { kind: 'scalar', name: block`Prefix`, value: numberLiteral(facts.rip.prefix) },
    { kind: 'list', name: block`Vips`, values: facts.vips },
    { kind: 'list', name: block`Services`, values: facts.services },
    blank,
    ...[shared, adapter, apply, undo, check].flatMap((text): ScriptNode[] => [{ kind: 'block', text }, blank]),
  ]
}

function changes(facts: PrepFacts): PrepChange[] {
  return [
    { what: 'Creates a KM-TEST loopback adapter named Tangent-DSR.', why: 'It holds the VIP. Windows answers ARP and neighbour solicitations only for addresses of the asking interface, so the VIP stays silent.' },
    { what: 'Switches file sharing and the Microsoft client off on Tangent-DSR, and its DNS registration.', why: 'Nothing is offered under the VIP by accident, and nobody finds this host under the VIP.' },
    { what: 'Enables weak host receive and send on Tangent-DSR.', why: 'Replies with the VIP as source leave through the real interface.' },
    { what: `Enables weak host receive on the interface that has ${facts.rip.text}.`, why: 'It takes packets for an address of another interface.' },
    ...facts.vips.map((vip) => ({
      what: `Adds ${vip}/${facts.rip.prefix} to Tangent-DSR, not as a source (SkipAsSource).`,
      why: 'The host takes packets for the VIP, and its own connections never come from the VIP.',
    })),
    { what: `Lets ${facts.services.join(' and ')} in through the Windows firewall.`, why: 'The loopback adapter counts as a public network, where the firewall blocks.' },
    { what: 'Saves the former values in %ProgramData%\\tangent-backend, once.', why: '-Mode Undo restores exactly these, and removes the adapter only when this script created it.' },
  ]
}
