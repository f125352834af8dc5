import { randomBytes } from 'node:crypto'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { z } from 'zod'
import { fault, type Fault } from '#lib/domain/fault.ts'
import type { NftlbFarm } from '#lib/render/nftlb.ts'
import { readIfThere, writeDurably } from '../../durable.ts'
import type { Log } from '../../log.ts'
import { run, runForever, RunError } from '../../run.ts'
import { nftlbClient, type NftlbClient } from './client.ts'

const program = 'nftlb'
const runningSchema = z.object({ pid: z.int().positive(), port: z.int(), key: z.string() })

export type Daemon = {
  client: () => NftlbClient | null
  /** Takes over an nftlb that a former agent started in this network namespace and that still runs; false when there is none. */
  adopt: () => Promise<boolean>
  /** Ends a running nftlb and starts one with these farms. Its start wipes its tables: raise the guard before. */
  restart: (farms: readonly NftlbFarm[]) => Promise<void>
  state: () => { version: string | null; running: boolean; faults: Fault[] }
  stop: () => Promise<void>
}

/**
 * nftlb as a child process: bound to 127.0.0.1 on a free port with a random key, started with the last good farms. When
 * it dies the kernel keeps its rules and `onTrouble` is called,
 * as it is when nftlb reports an error of nft, after which it has rebuilt all of its tables.
 */
export function nftlbDaemon(folder: string, log: Log, onTrouble: () => void): Daemon {
  const configPath = join(folder, 'nftlb.json')
  const runningPath = join(folder, 'nftlb.run')
  let client: NftlbClient | null = null
  let pid: number | null = null
  let release: (() => void) | null = null
  let version: string | null = null
  let trouble: Fault | null = null

  async function end(): Promise<void> {
    release?.()
    const ending = pid
    client = null
    pid = null
    release = null
    if (ending === null) return
    try {
      process.kill(ending, 'SIGKILL')
    } catch {
      return
    }
    await until(async () => !(await isOurs(ending)), 5000)
  }

  async function adopt(): Promise<boolean> {
    const text = await readIfThere(runningPath)
    const parsed = runningSchema.safeParse(text === null ? null : JSON.parse(text))
    if (!parsed.success || !(await isOurs(parsed.data.pid))) return false
    const candidate = nftlbClient(parsed.data.port, parsed.data.key)
    pid = parsed.data.pid
    const answered = await Promise.race([candidate.get('/farms').then(() => true, () => false), late(3000)])
    if (!answered) {
      await end()
      return false
    }
    client = candidate
    version ??= await installedVersion()
    const watched = pid
    const timer = setInterval(() => {
      if (pid !== watched) return clearInterval(timer)
      if (alive(watched)) return
      clearInterval(timer)
      died(`process ${watched} is gone`)
    }, 500)
    release = () => clearInterval(timer)
    return true
  }

  function report(line: string): void {
    if (line.trim() === '' || line.startsWith('Key:')) return
    log.info({ nftlb: line.slice(0, 1000) }, 'nftlb says')
    if (client && /nft command error|recovery in progress/.test(line)) onTrouble()
  }

  /** A start that fails is reported by the start itself: it would otherwise be repeated without a pause. */
  function died(reason: string): void {
    const served = client !== null
    client = null
    pid = null
    release = null
    log.warn({ reason }, 'nftlb ended; the rules stay in the kernel')
    trouble = reason.includes('not installed') ? fault('engine-missing', 'The program nftlb was not found.') : fault('engine-down', `${reason}.`)
    if (served) onTrouble()
  }

  async function restart(farms: readonly NftlbFarm[]): Promise<void> {
    await end()
    const rival = await findRival()
    if (rival !== null) {
      trouble = fault('engine-rival', `Process ${rival} is an nftlb that the agent did not start.`)
      throw new Error(`another nftlb runs (pid ${rival})`)
    }
    version ??= await installedVersion()
    await writeDurably(configPath, JSON.stringify({ farms }))
    const port = await freePort()
    const key = randomBytes(24).toString('hex')
    const args = ['-H', '127.0.0.1', '-P', String(port), '-l', '3', '-L', '2', '-c', configPath]
    const on = { line: report, exit: (reason: string) => (started.child.pid === pid ? died(reason) : undefined) }
    const started = runForever(program, args, on, { NFTLB_SERVER_KEY: key })
    if (started.child.pid === undefined) {
      trouble = fault('engine-missing', 'The program nftlb was not found.')
      throw new RunError({ kind: 'missing', command: program, code: null, stderr: '' })
    }
    pid = started.child.pid
    release = () => started.stop()
    await writeDurably(runningPath, JSON.stringify({ pid, port, key }))
    const candidate = nftlbClient(port, key)
    const gone = (): boolean => pid !== started.child.pid
    const ready = await until(async () => gone() || (await candidate.get('/farms').catch(() => '')).includes('"farms"'), 20_000 + farms.length * 100)
    if (!ready || gone()) {
      const what = gone() ? 'nftlb was started and ended at once' : 'nftlb was started and does not answer'
      await end()
      trouble = fault('engine-down', `${what}.`)
      throw new Error(what)
    }
    client = candidate
    trouble = null
  }

  return { client: () => client, adopt, restart, state: () => ({ version, running: client !== null, faults: trouble ? [trouble] : [] }), stop: end }
}

/** nftlb prints its version on standard error, which only a failure carries: no exit code counts as success here. */
async function installedVersion(): Promise<string | null> {
  const text = await run(program, ['-h'], { okCodes: [] }).catch((error: unknown) => (error instanceof RunError ? error.failure.stderr : ''))
  return /Version ([0-9][0-9.]*)/.exec(text)?.[1] ?? null
}

/** True when a process is nftlb and lives in this process's network namespace. */
async function isOurs(pid: number): Promise<boolean> {
  try {
    const [name, theirs, ours] = await Promise.all([readFile(`/proc/${pid}/comm`, 'utf8'), readlink(`/proc/${pid}/ns/net`), readlink('/proc/self/ns/net')])
    return name.trim() === program && theirs === ours && alive(pid)
  } catch {
    return false
  }
}

/** An nftlb in this network namespace that is nobody's child of ours: two of them wipe each other's tables. */
async function findRival(): Promise<number | null> {
  for (const entry of await readdir('/proc')) if (/^\d+$/.test(entry) && (await isOurs(Number(entry)))) return Number(entry)
  return null
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no free port'))))
    })
  })
}

function late(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), ms).unref())
}

async function until(condition: () => Promise<boolean>, timeoutMs: number): Promise<boolean> {
  for (const end = performance.now() + timeoutMs; performance.now() < end; ) {
    if (await condition()) return true
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return false
}
