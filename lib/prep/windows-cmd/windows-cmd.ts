import type { PrepFacts } from '../facts.ts'
import { familyLiteral, numberLiteral } from '../literal.ts'
import { blank, block, comment } from '../node.ts'
import type { ScriptNode } from '../node.ts'
import type { PrepChange, PrepScript } from '../prep.ts'
import { begin, start } from './body-begin.ts'
import { change } from './body-change.ts'
import { check } from './body-check.ts'
import { inspect } from './body-inspect.ts'
import { printCmd } from './print-cmd.ts'

/** The preparation script for old Windows servers (2008 and later): a batch file with netsh. */
export function windowsCmdScript(facts: PrepFacts): PrepScript {
  const filename = `tangent-backend-${facts.key}.cmd`
  const run = (mode: string) => `${filename} ${mode} "Ethernet" "Loopback"`
  return {
    system: 'windows-cmd',
    filename,
    mediaType: 'text/plain; charset=us-ascii',
    text: printCmd(nodes(facts)),
    changes: changes(facts),
    note: 'This script was checked against the documentation of Microsoft, but was not run on Windows yet. Run check first: it changes nothing. From Windows Server 2012 on, the PowerShell script does and checks more.',
    commands: { apply: run('apply'), check: run('check'), undo: run('undo') },
  }
}

function nodes(facts: PrepFacts): ScriptNode[] {
  return [
    comment`Prepares a Windows backend for Direct Server Return: this host takes packets for the VIP and answers the client itself.`,
    comment`  backend ${facts.name}, address ${facts.rip.text}`,
    ...facts.farms,
    comment`Checked against the documentation of Microsoft, not run on Windows yet: begin with check, which changes nothing.`,
    comment`Run it in a command prompt as administrator; without arguments it shows how.`,
    comment`If Windows blocks the downloaded file: its Properties, Unblock.`,
    blank,
    { kind: 'block', text: begin },
    { kind: 'scalar', name: block`RIP`, value: facts.rip.text },
    { kind: 'scalar', name: block`KEY`, value: facts.key },
    { kind: 'scalar', name: block`FAMILY`, value: familyLiteral(facts.rip.family) },
    { kind: 'scalar', name: block`PREFIX`, value: numberLiteral(facts.rip.prefix) },
    { kind: 'block', text: start },
    blank,
    { kind: 'list', name: block`each_vip`, values: facts.vips },
    blank,
    { kind: 'list', name: block`each_service`, values: facts.services },
    blank,
    { kind: 'block', text: inspect },
    blank,
    { kind: 'block', text: change },
    blank,
    { kind: 'block', text: check },
  ]
}

function changes(facts: PrepFacts): PrepChange[] {
  return [
    { what: 'Switches weakhostreceive on for the interface that you name first.', why: 'It takes packets for an address of another interface.' },
    { what: 'Switches weakhostreceive and weakhostsend on for the loopback adapter that you name second.', why: 'The VIP takes packets from the real interface, and its replies leave through it.' },
    ...facts.vips.map((vip) => ({ what: `Adds ${vip}/${facts.rip.prefix} to the loopback adapter, not as a source.`, why: 'The host takes packets for the VIP, and its own connections never come from the VIP.' })),
    { what: `Lets ${facts.services.join(' and ')} in through the Windows firewall.`, why: 'The loopback adapter counts as a public network, where the firewall blocks.' },
    { what: 'Notes what it changes in the registry, HKLM\\SOFTWARE\\tangent-backend-cmd.', why: 'apply removes VIPs that no farm uses any more, and undo takes back what this script did and nothing else.' },
    {
      what: 'undo switches weakhostreceive and weakhostsend off again where apply switched them on.',
      why: 'Off is the default of Windows. A translated Windows does not say in a readable way what they were before, so there they are taken to have been off. The adapter stays, because you created it, with DHCP off.',
    },
  ]
}
