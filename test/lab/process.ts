import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'

export type Running = { pid: number; end: (signal: NodeJS.Signals) => Promise<void>; hasEnded: () => boolean }

/** Starts a program whose output goes to a log file, and which a test ends with the signal that it is about. */
export function startProcess(argv: readonly string[], env: NodeJS.ProcessEnv, logFile: string): Running {
  const [program = '', ...args] = argv
  const log = createWriteStream(logFile, { flags: 'a' })
  const child: ChildProcess = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [child.stdout, child.stderr]) stream?.pipe(log, { end: false })
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  if (child.pid === undefined) throw new Error(`${program} cannot be started.`)
  return {
    pid: child.pid,
    hasEnded,
    end: async (signal) => {
      if (hasEnded()) return
      const gone = once(child, 'exit')
      child.kill(signal)
      await gone
    },
  }
}
