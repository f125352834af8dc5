import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { tallyOf } from '#scripts/test/tally.mjs'

const folder = mkdtempSync(join(tmpdir(), 'tangent-tally-'))
afterAll(() => rmSync(folder, { recursive: true }))

function report(testResults: unknown[]): string {
  const file = join(folder, 'report.json')
  writeFileSync(file, JSON.stringify({ testResults }))
  return file
}

const passed = { status: 'passed', fullName: 'a' }

test('passed and failed tests are summed up over all files', () => {
  const file = report([
    { name: 'one', status: 'passed', message: '', assertionResults: [passed, passed] },
    { name: 'two', status: 'failed', message: '', assertionResults: [passed, { status: 'failed', fullName: 'b' }] },
  ])
  expect(tallyOf(file)).toEqual({ passed: 3, failed: 1, notes: ['failed: b'] })
})

test.each(['skipped', 'pending', 'todo'])('a test that is %s counts as failed', (status) => {
  const file = report([{ name: 'one', status: 'passed', message: '', assertionResults: [passed, { status, fullName: 'b' }] }])
  expect(tallyOf(file)).toEqual({ passed: 1, failed: 1, notes: [`${status}: b`] })
})

test('a file that could not be loaded counts as failed', () => {
  const file = report([{ name: 'one', status: 'failed', message: 'SyntaxError: no\nmore', assertionResults: [] }])
  expect(tallyOf(file)).toEqual({ passed: 0, failed: 1, notes: ['one: SyntaxError: no'] })
})

test('a part without tests or without a report counts as failed', () => {
  expect(tallyOf(report([])).failed).toBe(1)
  expect(tallyOf(join(folder, 'nothing')).failed).toBe(1)
})
