import { AxeBuilder } from '@axe-core/playwright'
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core'
import { expect } from 'vitest'

export type Visitors = {
  /** A page of a new visitor who has no session. */
  visit: (options?: BrowserContextOptions) => Promise<Page>
  /** Lets this test pass although the browser's console shows such an error, like the line about a refused request. */
  tolerate: (complaint: RegExp) => void
  /** Fails when a page complained about something that was not tolerated; closes all pages. Belongs into afterEach. */
  leave: () => Promise<void>
  close: () => Promise<void>
}

/** Starts Chromium for the console at `url`. */
export async function openBrowser(url: string): Promise<Visitors> {
  const browser: Browser = await chromium.launch({ executablePath: process.env.TANGENT_CHROMIUM ?? '/usr/bin/chromium' })
  let contexts: BrowserContext[] = []
  let complaints: string[] = []
  let tolerated: RegExp[] = []
  const visit: Visitors['visit'] = async (options = {}) => {
    const context = await browser.newContext({ baseURL: url, viewport: { width: 1440, height: 900 }, locale: 'en-GB', reducedMotion: 'reduce', ...options })
    contexts.push(context)
    context.setDefaultTimeout(20_000)
    const page = await context.newPage()
    page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(`${page.url()}: ${message.text()}`)
    })
    return page
  }
  const leave = async (): Promise<void> => {
    for (const context of contexts) await context.close()
    const unexpected = complaints.filter((complaint) => !tolerated.some((one) => one.test(complaint)))
    contexts = []
    complaints = []
    tolerated = []
    expect(unexpected).toEqual([])
  }
  return { visit, leave, tolerate: (complaint) => tolerated.push(complaint), close: () => browser.close() }
}

/** Everything that axe finds against WCAG 2.2 A and AA, and its best practices but for those left out, on the page as it stands. */
export async function violations(page: Page, leftOut: string[] = []): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).disableRules(leftOut).analyze()
  return found.flatMap((violation) => violation.nodes.map((node) => `${violation.id}: ${violation.help} (${node.target.join(' ')})`))
}
