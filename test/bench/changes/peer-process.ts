import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { NftlbFarm } from '#lib/render/nftlb.ts'
import { root } from '#scripts/setup/project.mjs'
import { inside } from '../../lab/command.ts'

/** What the program in a namespace can be told: a script for nft, to start the engine, or to bring one farm to a new form (null: away). */
export type Told = { do: 'nft'; script: string } | { do: 'start'; farms: NftlbFarm[] } | { do: 'change'; name: string; farm: NftlbFarm | null }

export type Peer = { pid: number; tell: (told: Told) => Promise<Record<string, number>>; stop: () => Promise<void> }

/** Starts the program of peer.ts in a network namespace. */
export function startPeer(namespace: string): Peer {
  const [program = '', ...args] = inside(namespace, [process.execPath, '--import', 'tsx', join(root, 'test/bench/changes/peer.ts')])
  const child = spawn(program, args, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    pid: child.pid ?? 0,
    tell: async (told) => {
      child.stdin.write(`${JSON.stringify(told)}\n`)
      const answer = JSON.parse(String((await lines.next()).value)) as Record<string, number> & { error?: string }
      if (answer.error !== undefined) throw new Error(answer.error)
      return answer
    },
    stop: async () => {
      child.stdin.end()
      await once(child, 'exit')
    },
  }
}
