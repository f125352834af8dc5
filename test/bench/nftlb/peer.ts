import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { nftlbClient } from '#agent/engine/nftlb/client.ts'

/**
 * The bare engine, as a program inside its own network namespace: starts nftlb, carries out each request that comes as a JSON
 * line `{method, path?, body?}` and answers `{ms}`, the time until nftlb replied, which it does after the kernel has it.
 */
const port = 5999
const key = 'bench'
const nftlb = spawn('nftlb', ['-H', '127.0.0.1', '-P', String(port), '-l', '3', '-L', '2'], { env: { ...process.env, NFTLB_SERVER_KEY: key }, stdio: 'ignore' })
const client = nftlbClient(port, key)
for (let tries = 0; tries < 100; tries++) {
  if (await client.get('/farms').then(() => true, () => false)) break
  await new Promise((resolve) => setTimeout(resolve, 20))
}
process.stdout.write(`${JSON.stringify({ pid: nftlb.pid })}\n`)

type Request = { method: 'POST'; body: unknown } | { method: 'DELETE'; path: string }

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request
  const begun = performance.now()
  await (request.method === 'POST' ? client.post(request.body) : client.remove(request.path))
  process.stdout.write(`${JSON.stringify({ ms: performance.now() - begun })}\n`)
}
nftlb.kill('SIGTERM')
await once(nftlb, 'exit')
