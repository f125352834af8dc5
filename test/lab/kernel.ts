import { readFile } from 'node:fs/promises'
import { command, inside } from './command.ts'
import type { Machine } from './topology.ts'

/**
 * A ruleset without the table in which the agent notes who speaks in the name of a VIP: it decides about no packet of a client, and
 * comes and goes with the agent.
 */
export function withoutDoctor(text: string): string {
  return text.replace(/^table netdev tangent-doctor \{\n.*?^\}\n?/ms, '')
}

/** The rules in the kernel of a machine, as nft prints them, without what its counters counted and without the table of the doctor. */
export async function ruleset(machine: Machine): Promise<string> {
  const text = await command(inside(machine.namespace, ['nft', 'list', 'ruleset']))
  return withoutDoctor(text).replace(/counter packets \d+ bytes \d+/g, 'counter')
}

/**
 * Farms of nftlb as packets find them: name → how many slots the balancing rule has that a packet would meet; 0 when the farm is
 * reachable and has no rule. While the engine rebuilds its tables, what it has not got yet is found in the copy behind them.
 */
export async function farmsInKernel(machine: Machine): Promise<Map<string, number>> {
  const text = await command(inside(machine.namespace, ['nft', 'list', 'ruleset']))
  const [first, second] = ['nftlb', 'tangent-guard'].map((name) => farmsOfTable(new RegExp(`^table netdev ${name} \\{\\n(.*?)^\\}`, 'ms').exec(text)?.[1] ?? ''))
  return new Map([...(second ?? []), ...(first ?? [])])
}

function farmsOfTable(body: string): Map<string, number> {
  const reachable = new Set([...body.matchAll(/goto f_([a-z0-9_-]+)/g)].map((match) => match[1] ?? ''))
  const chains = [...body.matchAll(/^\tchain f_([a-z0-9_-]+) \{\n(.*?)^\t\}/gms)]
  const slots = new Map(chains.map((match) => [match[1] ?? '', Number(/symhash mod (\d+)/.exec(match[2] ?? '')?.[1] ?? 0)]))
  return new Map([...reachable].map((name) => [name, slots.get(name) ?? 0]))
}

/** The process of a program inside a machine; null when there is none. */
export async function pidOf(machine: Machine, program: string): Promise<number | null> {
  for (const pid of (await command(['ip', 'netns', 'pids', machine.namespace])).split('\n').filter(Boolean)) {
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
    if (name.trim() === program) return Number(pid)
  }
  return null
}
