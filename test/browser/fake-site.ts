import { chmodSync } from 'node:fs'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { fakeAgent, type FakeAgent } from '#test/api/fake-agent.ts'
import { administrator } from '#test/lab/appliance.ts'
import { openNewConsole, type NewConsole } from './console.ts'

export type FakeSite = NewConsole & {
  /** Listens between `listen` and its own `stop`. */
  agent: FakeAgent
  listen: () => Promise<void>
  /** A page at this path, of a new visitor who is signed in as the administrator. */
  enter: (path: string, options?: BrowserContextOptions) => Promise<Page>
  /** Calls the API in the name of the page's visitor; throws when it refuses. */
  call: (page: Page, method: 'GET' | 'POST' | 'PUT', path: string, body?: object) => Promise<unknown>
}

/** The built console, an agent that sees what a test wants, and a browser. */
export async function openFakeSite(): Promise<FakeSite> {
  const site = await openNewConsole(administrator.password)
  const agent = fakeAgent(site.socket)
  const listen = async (): Promise<void> => {
    await agent.start()
    // The console is an ordinary user.
    chmodSync(site.socket, 0o666)
  }
  const call: FakeSite['call'] = async (page, method, path, body) => {
    const answer = await page.request.fetch(`/api/v1${path}`, { method, data: body, headers: { origin: site.url } })
    if (!answer.ok()) throw new Error(`${method} ${path} was answered with ${answer.status()}: ${await answer.text()}`)
    return answer.json()
  }
  const enter: FakeSite['enter'] = async (path, options) => {
    const page = await site.visit(options)
    await call(page, 'POST', '/session', administrator)
    await page.goto(path)
    return page
  }
  const remove = async (): Promise<void> => {
    await agent.stop()
    await site.remove()
  }
  return { ...site, agent, listen, enter, call, remove }
}
