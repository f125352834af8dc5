import { spawn } from 'node:child_process'
import { command, inside } from './command.ts'
import { until } from './until.ts'

/** Starts an application that takes TCP connections at an address of a namespace, at every one for `::`; resolves when it listens. It ends with the namespace. */
export async function startListener(namespace: string, address: string, port: number): Promise<void> {
  const six = address.includes(':')
  const where = `${port},bind=${six ? `[${address}]` : address},fork,reuseaddr${address === '::' ? ',ipv6only=0' : ''}`
  const [program = '', ...args] = inside(namespace, ['socat', `TCP${six ? 6 : 4}-LISTEN:${where}`, 'SYSTEM:cat'])
  spawn(program, args, { stdio: 'ignore' }).unref()
  await until(`something listens at ${address}, port ${port}`, async () => (await command(inside(namespace, ['ss', '-ltnH', 'sport', '=', `:${port}`]))) !== '')
}
