import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { root } from '#scripts/setup/project.mjs'
import { inside } from '../../lab/command.ts'

export type BareEngine = {
  pid: number
  /** Time in ms until nftlb replied. */
  post: (body: unknown) => Promise<number>
  remove: (path: string) => Promise<number>
  stop: () => Promise<void>
}

/** Starts nftlb without anything of ours in a network namespace. */
export async function startBareEngine(namespace: string): Promise<BareEngine> {
  const [program = '', ...args] = inside(namespace, [process.execPath, '--import', 'tsx', join(root, 'test/bench/nftlb/peer.ts')])
  const child = spawn(program, args, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async (): Promise<Record<string, number>> => JSON.parse(String((await lines.next()).value)) as Record<string, number>
  const ask = async (request: unknown): Promise<number> => {
    child.stdin.write(`${JSON.stringify(request)}\n`)
    return (await answer()).ms ?? Number.NaN
  }
  const { pid = 0 } = await answer()
  return {
    pid,
    post: (body) => ask({ method: 'POST', body }),
    remove: (path) => ask({ method: 'DELETE', path }),
    stop: async () => {
      child.stdin.end()
      await once(child, 'exit')
    },
  }
}
