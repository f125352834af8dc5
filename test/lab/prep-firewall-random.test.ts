import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { command, inside } from './command.ts'
import { report } from './prep-check.ts'
import type { PrepMachine } from './prep-machine.ts'
import { onPrepared, scripts, sites } from './prep-prepared.ts'
import { iptablesRules, nftRules } from './prep-random-rules.ts'
import { generator } from './random.ts'

const cases = 60
/** The same rule sets in every run, so that a change is judged and not luck; TANGENT_SEED gives others. */
const seed = Number(process.env.TANGENT_SEED ?? 20_261_121)

/** Whether the application answers this client within some seconds; it answers at once when it can. */
async function answers({ neighbour }: PrepMachine, client: string, seconds: number): Promise<boolean> {
  const talk = `echo hello | socat -t ${seconds} - "TCP4:$1:80,connect-timeout=${seconds},bind=$2"`
  const said = await command(inside(neighbour.namespace, ['sh', '-c', talk, 'sh', sites.IPv4.vip, client])).catch(() => '')
  return said === 'hello\n'
}

const kinds = [
  { tool: 'nft', make: nftRules, load: 'nft -f', clear: 'nft flush ruleset' },
  { tool: 'iptables', make: iptablesRules, load: 'iptables-nft-restore', clear: 'nft flush ruleset' },
  { tool: 'iptables-legacy', make: iptablesRules, load: 'iptables-legacy-restore', clear: 'iptables-legacy -F; iptables-legacy -X; iptables-legacy -P INPUT ACCEPT' },
]

describe.concurrent('of random rule sets, none that the check calls right keeps clients out, and none that it calls wrong lets one in', () => {
  test.each(kinds)(`$tool, ${cases} of them`, ({ make, load, clear }) =>
    onPrepared('IPv4', async ({ machine }) => {
      const random = generator(seed)
      const file = join(machine.folder, 'rules')
      const seen = { ok: 0, warn: 0, fail: 0 }
      let refused = 0
      for (let done = 0; done < cases; ) {
        const rules = make(random)
        await writeFile(file, `${rules}\n`)
        // Some ask for two protocols at once, which the tool refuses.
        if ((await machine.sh(`${load} ${file} 2>/dev/null && echo loaded || true`)) === '') {
          refused += 1
          expect(refused, rules).toBeLessThan(cases * 2)
          continue
        }
        const items = (await report(machine, scripts.IPv4)).report.items.filter(({ code }) => code === 'firewall')
        const verdict = items[0]?.verdict ?? 'warn'
        const moment = `seed ${seed}, case ${done}: ${JSON.stringify(items)}\n${rules}`
        if (verdict === 'ok') expect(await answers(machine, '198.51.100.1', 5), moment).toBe(true)
        if (verdict === 'fail') expect(await Promise.all(['198.51.100.1', '10.9.0.1'].map((client) => answers(machine, client, 0.5))), moment).toEqual([false, false])
        await machine.sh(clear)
        seen[verdict] += 1
        done += 1
      }
      // Most of them are no matter of doubt.
      expect(seen.ok).toBeGreaterThan(cases / 10)
      expect(seen.fail).toBeGreaterThan(cases / 10)
      expect(seen.warn).toBeLessThan(cases / 4)
    }),
  )
})
