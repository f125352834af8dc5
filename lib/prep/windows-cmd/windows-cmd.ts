import type { PrepFacts } from '../facts.ts'
import { familyLiteral, numberLiteral } from '../literal.ts'
import { blank, block, comment } from '../node.ts'
import type { ScriptNode } from '../node.ts'
import type { PrepChange, PrepScript } from '../prep.ts'
import { begin, body, start } from './body.ts'
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
    commands: { apply: run('apply'), check: run('check'), undo: run('undo') },
  }
}

function nodes(facts: PrepFacts): ScriptNode[] {
  return [
    comment`Prepares a Windows backend for Direct Server Return: this host takes packets for the VIP and answers the client itself.`,
    comment`  backend ${facts.name}, address ${facts.rip.text}`,
    ...facts.farms,
    comment`Run it without arguments to see how. Exit status: 0 ok, 1 failed, 2 wrong usage or not administrator, 3 refused.`,
    blank,
    { kind: 'block', text: begin },
    { kind: 'scalar', name: block`RIP`, value: facts.rip.text },
    { kind: 'scalar', name: block`FAMILY`, value: familyLiteral(facts.rip.family) },
    { kind: 'scalar', name: block`PREFIX`, value: numberLiteral(facts.rip.prefix) },
    { kind: 'list', name: block`VIPS`, values: facts.vips },
    { kind: 'block', text: start },
    blank,
    { kind: 'block', text: body },
  ]
}

function changes(facts: PrepFacts): PrepChange[] {
  return [
    { what: 'Enables weakhostreceive on the interface that you name first.', why: 'It takes packets for an address of another interface.' },
    { what: 'Enables weakhostreceive and weakhostsend on the loopback adapter that you name second.', why: 'The VIP takes packets from the real interface, and its replies leave through it.' },
    { what: 'Sets the metric of the loopback adapter to 254.', why: 'Routes of the real interface are preferred. It has nothing to do with ARP: Windows never answers for an address of another interface.' },
    ...facts.vips.map((vip) => ({ what: `Adds ${vip}/${facts.rip.prefix} to the loopback adapter, not as a source.`, why: 'The host takes packets for the VIP, and its own connections never come from the VIP.' })),
    { what: 'undo removes the addresses and sets weakhostreceive and weakhostsend to disabled.', why: 'That is the default of Windows. The adapter stays, because you created it.' },
  ]
}
