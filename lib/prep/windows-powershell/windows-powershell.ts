import type { PrepFacts } from '../facts.ts'
import { familyLiteral, numberLiteral } from '../literal.ts'
import { blank, block, comment } from '../node.ts'
import type { PrepChange, PrepScript } from '../prep.ts'
import { adapter } from './body-adapter.ts'
import { apply } from './body-apply.ts'
import { begin, parameters } from './body-begin.ts'
import { check } from './body-check.ts'
import { firewall } from './body-firewall.ts'
import { main } from './body-main.ts'
import { services } from './body-services.ts'
import { settings } from './body-settings.ts'
import { undo } from './body-undo.ts'
import { windowsFindings } from './findings.ts'
import { printPowershell } from './print-powershell.ts'
import type { PowershellNode } from './print-powershell.ts'

/** The preparation script for Windows PowerShell 5.1 and PowerShell 7, Windows Server 2012 to 2025. */
export function windowsPowershellScript(facts: PrepFacts): PrepScript {
  const filename = `tangent-backend-${facts.key}.ps1`
  const run = (mode: 'Apply' | 'Check' | 'Undo') => `powershell.exe -NoProfile -ExecutionPolicy Bypass -File .\\${filename} -Mode ${mode}`
  return {
    system: 'windows-powershell',
    filename,
    mediaType: 'text/plain; charset=us-ascii',
    text: printPowershell(nodes(facts)),
    changes: changes(facts),
    note: 'PowerShell has run this script against a model of a Windows server, and it was compared with the documentation of Microsoft; on Windows itself it was not run yet. Run -Mode Check first: it changes nothing.',
    commands: { apply: run('Apply'), check: run('Check'), undo: run('Undo') },
  }
}

function nodes(facts: PrepFacts): PowershellNode[] {
  const bodies = [begin, adapter, settings, firewall, apply, undo, check, services]
  return [
    comment`Prepares a Windows backend for Direct Server Return: this host takes packets for the VIP and answers the client itself.`,
    comment`  backend ${facts.name}, address ${facts.rip.text}`,
    ...facts.farms,
    comment`Run against a model of a Windows server and compared with the documentation of Microsoft, not run on Windows itself yet:`,
    comment`begin with -Mode Check, which changes nothing.`,
    comment`Open Windows PowerShell as administrator in the folder of this file (FILE is its name) and run`,
    comment`  powershell.exe -NoProfile -ExecutionPolicy Bypass -File .\FILE -Mode Check`,
    comment`then the same with -Mode Apply; -Mode Undo puts everything back. Without -Mode it says more.`,
    comment`A file that was downloaded with a browser may have to be released first: Unblock-File .\FILE`,
    comment`Nothing runs before the last lines, so half a download does nothing.`,
    { kind: 'block', text: parameters },
    blank,
    { kind: 'scalar', name: block`Rip`, value: facts.rip.text },
    { kind: 'scalar', name: block`Key`, value: facts.key },
    { kind: 'scalar', name: block`Family`, value: familyLiteral(facts.rip.family) },
    { kind: 'scalar', name: block`Prefix`, value: numberLiteral(facts.rip.prefix) },
    { kind: 'list', name: block`Vips`, values: facts.vips },
    { kind: 'list', name: block`Services`, values: facts.services },
    { kind: 'list', name: block`Appliances`, values: facts.appliances },
    blank,
    ...bodies.flatMap((text): PowershellNode[] => [{ kind: 'block', text }, blank]),
    { kind: 'sentences', findings: windowsFindings },
    blank,
    { kind: 'block', text: main },
  ]
}

function changes(facts: PrepFacts): PrepChange[] {
  return [
    {
      what: 'Creates a KM-TEST loopback adapter named Tangent-DSR; with -UseBuiltinLoopback none is created, and Loopback Pseudo-Interface 1 takes the VIP, as Microsoft documents it for Azure.',
      why: 'It holds the VIP. Windows answers ARP and neighbour solicitations only for addresses of the asking interface, so the VIP stays silent.',
    },
    { what: 'Switches file sharing and the Microsoft client off on Tangent-DSR, and its DNS registration.', why: 'Nothing is offered under the VIP by accident, and nobody finds this host under the VIP.' },
    { what: 'Sets the metric of Tangent-DSR to 254 and its duplicate-address probes to none.', why: 'Routes of the real interface are preferred, and the VIP is in use at once. It has nothing to do with ARP.' },
    { what: 'Enables weak host receive and send on the loopback interface.', why: 'Replies with the VIP as source leave through the real interface.' },
    { what: `Enables weak host receive on the interface that has ${facts.rip.text}.`, why: 'It takes packets for an address of another interface.' },
    ...facts.vips.map((vip) => ({
      what: `Adds ${vip}/${facts.rip.prefix} to the loopback interface, not as a source (SkipAsSource).`,
      why: 'The host takes packets for the VIP, and its own connections never come from the VIP.',
    })),
    { what: `Lets ${facts.services.join(' and ')} in through the Windows firewall.`, why: 'The loopback adapter counts as a public network, where the firewall blocks.' },
    { what: 'Saves the former values in the registry, HKLM\\SOFTWARE\\tangent-backend, once.', why: '-Mode Undo restores exactly these, and removes the adapter only when this script created it.' },
  ]
}
