import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { check, report } from './prep-check.ts'
import { firewalls, type FirewallTool } from './prep-firewalls.ts'
import type { PrepMachine } from './prep-machine.ts'
import { expectHealthy, onPrepared, scripts, sites } from './prep-prepared.ts'
import { reach } from './prep-reach.ts'

const loaders: Record<FirewallTool, [load: string, clear: string]> = {
  nft: ['nft -f', 'nft flush ruleset'],
  iptables: ['iptables-nft-restore', 'nft flush ruleset'],
  ip6tables: ['ip6tables-nft-restore', 'nft flush ruleset'],
  'iptables-legacy': ['iptables-legacy-restore', 'for table in filter nat raw mangle; do iptables-legacy -t $table -F; iptables-legacy -t $table -X; done; iptables-legacy -P INPUT ACCEPT; iptables-legacy -P FORWARD ACCEPT'],
}

async function load(machine: PrepMachine, tool: FirewallTool, rules: string): Promise<void> {
  const file = join(machine.folder, 'rules')
  await writeFile(file, `${rules}\n`)
  await machine.sh(`${loaders[tool][0]} ${file}`)
}

describe.concurrent('the check reads the firewall as the kernel does', () => {
  test.each(firewalls)('$verdict: $what ($tool)', ({ tool, family = 'IPv4', rules, verdict, shows }) =>
    onPrepared(family, async ({ machine }) => {
      const { vip } = sites[family]
      await load(machine, tool, rules)
      const { wrong } = await report(machine, scripts[family])
      expect({ wrong, far: await reach(machine, vip) }).toEqual({
        wrong: verdict === 'ok' ? [] : [expect.stringContaining(`${verdict} firewall ${vip}/tcp/80 `)],
        far: verdict === 'ok' ? 'answers' : expect.stringMatching(/silence|refused/),
      })
      if (shows) expect(wrong[0]).toContain(shows)
      await machine.sh(loaders[tool][1])
    }),
  )

  test('the rule that the fix gives lets clients in, when it comes first in the chain that is shown', () =>
    onPrepared('IPv4', async ({ machine }) => {
      await load(machine, 'nft', 'table inet guard {\n chain in {\n  type filter hook input priority 0; policy accept;\n  tcp dport 1-1000 drop\n }\n}')
      const { text } = await check(machine, scripts.IPv4)
      const [, chain] = /keeps clients out: (.+?): /.exec(text) ?? []
      const [, rule] = /nft: (.+? accept)\b/.exec(text) ?? []
      await machine.sh(`nft insert rule ${chain} "${rule}"`)
      await expectHealthy(machine, 'IPv4')
      await machine.sh('nft flush ruleset')
    }))
})
