import { describe, expect, test } from 'vitest'
import { pastedReport } from '#lib/prep/paste.ts'
import { printed, report } from './sample-report.ts'

const told = report({ items: [...report().items, { code: 'firewall', subject: '203.0.113.7/tcp/80', verdict: 'fail', found: 'a "quoted" \\ brace } and { one more' }] })
const text = printed(told)

describe('a report is found in what was copied', () => {
  test.each([
    ['alone', text],
    ['between prompts', `root@web1:~# sh tangent-backend-10-9-0-21.sh --check --json\n${text}root@web1:~# echo {a,b}\n`],
    ['with the line ends of Windows', text.replaceAll('\n', '\r\n')],
    ['broken into lines of 20 characters', text.replace(/(.{20})/g, '$1\n')],
    ['with its keys in another order', JSON.stringify(Object.fromEntries(Object.entries(told).reverse()), null, 2)],
  ])('%s', (_, pasted) => {
    expect(pastedReport(pasted)).toEqual({ report: told })
  })
})

describe('what is none is told apart', () => {
  test.each([
    ['nothing', ' \n', 'paste-empty'],
    ['something else', 'Last login: Sat Nov 21\nroot@web1:~# ls', 'paste-no-report'],
    ['braces without a report', 'for f in ${list}; do echo {$f}; done', 'paste-no-report'],
    ['the check in words', 'ok    VIP 10.9.0.100 is on lo.\nFAIL  arp_ignore of eth0 is 0.\n      fix: run --apply.\n', 'paste-in-words'],
    ['a report without its end', text.slice(0, -20), 'paste-cut'],
    ['a report that ends within a string', text.slice(0, text.indexOf('quoted')), 'paste-cut'],
    ['a report without its beginning', text.slice(30), 'paste-cut'],
    ['two reports', `${text}root@web1:~# !!\n${text}`, 'paste-twice'],
    ['a report with a bracket too few', text.replace(']}', '}'), 'paste-damaged'],
  ])('%s', (_, pasted, code) => {
    expect(pastedReport(pasted)).toEqual({ problem: { pointer: '', code, message: expect.stringMatching(/\.$/), hint: expect.stringMatching(/\.$/) } })
  })
})

test.each([
  ['quotes that never end', `{"format":"${'\\"'.repeat(250_000)}`],
  ['strings that never end', `{"format":${'"a'.repeat(250_000)}\\`],
  ['braces that never close', `{"format":${'{'.repeat(500_000)}`],
  ['spaces', `{${' '.repeat(500_000)}`],
])('half a megabyte of %s is read in less than a second', (_, pasted) => {
  const start = performance.now()
  expect(pastedReport(pasted)).toHaveProperty('problem')
  expect(performance.now() - start).toBeLessThan(1000)
})
