import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Appliance } from './appliance.ts'
import { command, inside } from './command.ts'
import { startProcess } from './process.ts'
import { addressV4, lan, type Topology } from './topology.ts'
import { until } from './until.ts'

export type PublishedConsole = {
  /** Where every machine of the lab reaches the console. */
  url: string
  /** A Chromium that runs on the client. */
  browser: string
  close: () => Promise<void>
}

/**
 * The console at the appliance's own address, as in a real network. It listens on the loopback of this machine, outside of all
 * namespaces: what comes to the appliance is passed there, byte by byte, through a socket in the file system.
 */
export async function publishConsole(appliance: Appliance, topology: Topology): Promise<PublishedConsole> {
  const { port } = new URL(appliance.url)
  const url = `http://${addressV4(lan, 2)}:${port}`
  const socket = join(topology.folder, 'published.sock')
  const log = join(topology.folder, 'published.log')
  const outer = startProcess(inside(topology.lb.namespace, ['socat', `TCP-LISTEN:${port},fork,reuseaddr`, `UNIX-CONNECT:${socket}`]), process.env, log)
  const inner = startProcess(['socat', `UNIX-LISTEN:${socket},fork`, `TCP:127.0.0.1:${port}`], process.env, log)
  const browser = join(topology.folder, 'chromium')
  await writeFile(browser, `#!/bin/sh\nexec ip netns exec ${topology.client.namespace} /usr/bin/chromium "$@"\n`)
  await chmod(browser, 0o755)
  await until('the client reaches the console', () => command(inside(topology.client.namespace, ['curl', '-fsS', `${url}/healthz`])))
  const close = async (): Promise<void> => {
    await outer.end('SIGTERM')
    await inner.end('SIGTERM')
  }
  return { url, browser, close }
}
