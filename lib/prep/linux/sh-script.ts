import type { PrepFacts } from '../facts.ts'
import type { Findings } from '../finding.ts'
import { numberLiteral } from '../literal.ts'
import { blank, block } from '../node.ts'
import type { Block, ScriptNode } from '../node.ts'
import { awk } from './body-awk.ts'
import { common } from './body-common.ts'
import { firewall } from './body-firewall.ts'
import { firewallMatch } from './body-firewall-match.ts'
import { firewallRead } from './body-firewall-read.ts'
import { firewallSave } from './body-firewall-save.ts'
import { firewallWalk } from './body-firewall-walk.ts'
import { items } from './body-item.ts'
import { listeners } from './body-listeners.ts'
import { main } from './body-main.ts'
import { persist } from './body-persist.ts'
import { report } from './body-report.ts'
import { routes } from './body-route.ts'
import { printSh } from './print-sh.ts'
import type { ShNode } from './print-sh.ts'

/** What makes one preparation script different from another: its opening comment, its findings, and its own blocks. */
export type ShParts = { opening: readonly ScriptNode[]; findings: Findings; own: readonly Block[] }

/**
 * A preparation script in POSIX sh, for iproute2 and busybox alike: modes, options, report, and the checks that every script makes.
 * The own blocks must give these functions: `script_names` (body-common), `inspect`, `apply`, `undo`, `checks`, `status_text`, `status_json`
 * (body-main) and `boot_commands` (body-persist). Every code that they give to `item` must be in the findings.
 */
export function shScript(facts: PrepFacts, { opening, findings, own }: ShParts): ReturnType<typeof printSh> {
  const blocks = [common, items, report, persist, awk, listeners, routes, firewallRead, firewallSave, firewallMatch, firewallWalk, firewall, ...own]
  const nodes: ShNode[] = [
    ...opening,
    blank,
    { kind: 'scalar', name: block`RIP`, value: facts.rip.text },
    { kind: 'scalar', name: block`KEY`, value: facts.key },
    { kind: 'scalar', name: block`FAMILY`, value: numberLiteral(facts.rip.family === 'ipv6' ? 6 : 4) },
    { kind: 'list', name: block`VIPS`, values: facts.vips },
    { kind: 'list', name: block`SERVICES`, values: facts.services },
    { kind: 'list', name: block`APPLIANCES`, values: facts.appliances },
    blank,
    ...blocks.flatMap((text): ShNode[] => [{ kind: 'block', text }, blank]),
    { kind: 'sentences', findings },
    blank,
    { kind: 'block', text: main },
  ]
  return printSh(nodes)
}
