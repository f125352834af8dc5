import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { reportSchema } from '#lib/prep/report.ts'
import { report } from './prep-check.ts'
import { startListener } from './prep-listener.ts'
import { onPrepMachine, type PrepMachine } from './prep-machine.ts'
import { startReportServer, type ReportServer } from './prep-report-server.ts'
import type { RunOptions } from './prep-run.ts'
import { linuxScript } from './prep-script.ts'

const families = {
  IPv4: { text: linuxScript({ vips: ['10.9.0.100'] }), every: '0.0.0.0' },
  IPv6: { text: linuxScript({ vips: ['fd09::100'] }), every: '::' },
}
const { text } = families.IPv4

/** What a machine may have to send a report, and how it makes itself known. */
const senders: Array<{ sender: string; options: RunOptions; give: (machine: PrepMachine) => void; agent: RegExp; failure: RegExp }> = [
  { sender: 'curl', options: {}, give: () => undefined, agent: /^curl\//, failure: /^not reported: HTTP 404\n$/ },
  {
    sender: 'GNU wget',
    options: { tools: 'busybox' },
    give: ({ folder }) => {
      rmSync(join(folder, 'tools/wget'))
      copyFileSync('/usr/bin/wget', join(folder, 'tools/wget'))
    },
    agent: /^Wget\//,
    failure: /^not reported: .*404/,
  },
  { sender: 'busybox wget', options: { tools: 'busybox' }, give: () => undefined, agent: /^Wget$/, failure: /^not reported: .*404/ },
]

async function onReporting(work: (machine: PrepMachine, server: ReportServer) => Promise<void>): Promise<void> {
  await onPrepMachine(async (machine) => {
    const server = await startReportServer(machine)
    await work(machine, server).finally(server.close)
  })
}

describe.concurrent('--report', () => {
  test.each(senders.flatMap((sender) => (['IPv4', 'IPv6'] as const).map((family) => ({ ...sender, family }))))('sends by $sender what the check found, over $family', ({ options, give, agent, failure, family }) =>
    onReporting(async (machine, { urls, received }) => {
      const { text, every } = families[family]
      give(machine)
      await startListener(machine.namespace, every, 80)
      const applied = await machine.run(text, ['--apply', '--report', `${urls[family]}/take`], { ...options, piped: true })
      expect(applied).toMatchObject({ status: 0, errors: '', output: expect.stringMatching(/\nreported\n$/) })
      expect(received).toMatchObject([{ method: 'POST', path: '/take', agent: expect.stringMatching(agent), contentType: 'application/json' }])
      const { report: now } = await report(machine, text, options)
      const sent = reportSchema.parse(JSON.parse(received[0]?.body ?? ''))
      expect({ ...sent, checkedAt: '' }).toEqual({ ...now, checkedAt: '' })

      const refused = await machine.run(text, ['--check', '--report', `${urls[family]}/answer/404`], options)
      expect(refused).toMatchObject({ status: 1, errors: expect.stringMatching(failure) })
      expect(received).toHaveLength(2)
    }),
  )

  test('leaves nothing but the JSON on the standard output of --check --json, and a failed check is reported too', () => onReporting(async (machine, { urls, received }) => {
    const { status, output, errors } = await machine.run(text, ['--check', '--json', '--report', `${urls.IPv4}/take`])
    expect({ status, errors }).toEqual({ status: 1, errors: '' })
    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({ items: JSON.parse(output).items })
  }))

  test.each(senders)('says by $sender why a report was not delivered, and fails', ({ sender, options, give }) => onReporting(async (machine, { urls, received }) => {
    give(machine)
    await startListener(machine.namespace, '0.0.0.0', 80)
    await machine.run(text, ['--apply'], options)
    // A redirection is not followed, for the report is for nobody else. Busybox cannot be told so.
    const answers = sender === 'busybox wget' ? [500] : [500, 302]
    for (const url of [...answers.map((status) => `${urls.IPv4}/answer/${status}`), 'http://10.9.0.1:8081/take']) {
      const { status, errors } = await machine.run(text, ['--check', '--report', url], options)
      expect({ status, errors }, url).toEqual({ status: 1, errors: expect.stringMatching(/^not reported: [ -~]{5,}\n$/) })
    }
    expect(received.map(({ path }) => path)).toEqual(answers.map((status) => `/answer/${status}`))
  }))

  test('by busybox wget follows a redirection, and posts the same there', () => onReporting(async (machine, { urls, received }) => {
    await machine.run(text, ['--check', '--report', `${urls.IPv4}/answer/302`], { tools: 'busybox' })
    expect(received).toMatchObject([{ method: 'POST', path: '/answer/302' }, { method: 'POST', path: '/take', body: received[0]?.body }])
  }))

  test('says so when there is nothing to send with', () => onReporting(async (machine, { urls }) => {
    rmSync(join(machine.folder, 'tools/wget'))
    expect(await machine.run(text, ['--check', '--report', `${urls.IPv4}/take`], { tools: 'busybox' })).toMatchObject({ status: 1, errors: 'not reported: there is no curl and no wget here\n' })
  }))

  test('takes no URL but one of a console, before it does anything', () => onReporting(async (machine, { urls, received }) => {
    const before = await machine.snapshot()
    for (const url of ['', 'take', 'ftp://10.9.0.1/take', 'file:///etc/passwd', 'http://', `${urls.IPv4}/take?x`, `${urls.IPv4}/$(id)`, `${urls.IPv4}/a b`, `${urls.IPv4}/a\nb`, `${urls.IPv4}/a;b`, `${urls.IPv4}/'`, '-o/etc/x', 'http://user@10.9.0.1/']) {
      for (const mode of ['--apply', '--check']) {
        expect(await machine.run(text, [mode, '--report', url]), url).toMatchObject({ status: 2, output: '', errors: expect.stringMatching(/URL/) })
      }
    }
    expect(await machine.run(text, ['--check', '--report'])).toMatchObject({ status: 2, output: '' })
    expect(await machine.snapshot()).toBe(before)
    expect(received).toEqual([])
  }))
})
