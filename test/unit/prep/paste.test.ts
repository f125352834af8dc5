import { describe, expect, test } from 'vitest'
import { pastedReport } from '#lib/prep/paste.ts'

const report = {
  format: 'tangent-backend-check',
  vips: ['10.9.0.100'],
  items: [
    { code: 'vip-on-lo', subject: '10.9.0.100', verdict: 'ok', found: '' },
    { code: 'firewall', subject: '10.9.0.100/tcp/80', verdict: 'fail', found: 'a "quoted" \\ brace } and { one more' },
  ],
}
const [first, second] = report.items.map((item) => JSON.stringify(item))
/** As the scripts print it: one item a line. */
const printed = `{"format":"tangent-backend-check","vips":["10.9.0.100"],"items":[\n${first},\n${second}\n]}\n`

describe('a report is found in what was copied', () => {
  test.each([
    ['alone', printed],
    ['between prompts', `root@web1:~# sh tangent-backend-10-9-0-21.sh --check --json\n${printed}root@web1:~# echo {a,b}\n`],
    ['with the line ends of Windows', printed.replaceAll('\n', '\r\n')],
    ['broken into lines of 20 characters', printed.replace(/(.{20})/g, '$1\n')],
    ['with its keys in another order', JSON.stringify({ items: report.items, vips: report.vips, format: report.format }, null, 2)],
  ])('%s', (_, pasted) => {
    expect(pastedReport(pasted)).toEqual({ report })
  })
})

describe('what is none is told apart', () => {
  test.each([
    ['nothing', ' \n', 'paste-empty'],
    ['something else', 'Last login: Sat Nov 21\nroot@web1:~# ls', 'paste-no-report'],
    ['braces without a report', 'for f in ${list}; do echo {$f}; done', 'paste-no-report'],
    ['the check in words', 'ok    VIP 10.9.0.100 is on lo.\nFAIL  arp_ignore of eth0 is 0.\n      fix: run --apply.\n', 'paste-in-words'],
    ['a report without its end', printed.slice(0, -20), 'paste-cut'],
    ['a report that ends within a string', printed.slice(0, printed.indexOf('quoted')), 'paste-cut'],
    ['a report without its beginning', printed.slice(30), 'paste-cut'],
    ['two reports', `${printed}root@web1:~# !!\n${printed}`, 'paste-twice'],
    ['a report with a bracket too few', printed.replace(']}', '}'), 'paste-damaged'],
  ])('%s', (_, pasted, code) => {
    expect(pastedReport(pasted)).toEqual({ problem: { pointer: '', code, message: expect.stringMatching(/\.$/), hint: expect.stringMatching(/\.$/) } })
  })
})

test.each([
  ['quotes that never end', `{"format":"${'\\"'.repeat(120_000)}`],
  ['strings that never end', `{"format":${'"a'.repeat(120_000)}\\`],
  ['braces that never close', `{"format":${'{'.repeat(250_000)}`],
  ['spaces', `{${' '.repeat(250_000)}`],
])('a quarter of a megabyte of %s is read in less than a second', (_, pasted) => {
  const start = performance.now()
  expect(pastedReport(pasted)).toHaveProperty('problem')
  expect(performance.now() - start).toBeLessThan(1000)
})
