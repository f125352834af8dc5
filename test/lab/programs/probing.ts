import { createInterface } from 'node:readline'
import { readLinks, watchNetwork } from '#agent/links.ts'
import { openLog } from '#agent/log.ts'
import { openProber } from '#agent/probe/prober.ts'
import type { ProbeResult, ProbeTarget } from '#agent/probe/target.ts'

/**
 * The agent's prober without an agent: told what to watch, one JSON object per line, it prints what it finds.
 *   node probing.mjs WORKER       Its log goes to standard error. It ends in order when its input does.
 */
export type ProbingOrder = { do: 'watch'; farm: string; targets: ProbeTarget[] } | { do: 'once'; id: number; target: ProbeTarget } | { do: 'state'; id: number }

export type ProbingReport = { result: ProbeResult } | { id: number; once: ProbeResult } | { id: number; state: { missed: number; trouble: string | null } }

const [worker = ''] = process.argv.slice(2)
const tell = (report: ProbingReport): boolean => process.stdout.write(`${JSON.stringify(report)}\n`)
const log = openLog('info')

let links = await readLinks()
const farms = new Map<string, ProbeTarget[]>()
const prober = await openProber({
  program: worker,
  interfaces: () => links.interfaces,
  neighbour: () => ({ mac: null, lost: false }),
  result: (result) => tell({ result }),
  log,
})
// As after a change of the interfaces in the agent: every farm is looked at again.
const relink = async (): Promise<void> => {
  links = await readLinks()
  for (const [farm, targets] of farms) prober.watch(farm, targets)
}
const unwatch = watchNetwork(log, { links: () => void relink(), neighbour: () => undefined, resync: () => void relink() })

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const order = JSON.parse(line) as ProbingOrder // Written by the test of the same build.
    if (order.do === 'watch') {
      farms.set(order.farm, order.targets)
      prober.watch(order.farm, order.targets)
    } else if (order.do === 'once') void prober.once(order.target).then((once) => tell({ id: order.id, once }))
    else tell({ id: order.id, state: prober.state() })
  })
  .on('close', () => {
    unwatch()
    void prober.stop().then(() => process.exit(0))
  })
