import { existsSync, readFileSync } from 'node:fs'

/**
 * Sums up a report of vitest. A test that did not run counts as failed, and so does a file that could not be loaded: nothing
 * may be skipped silently.
 * @param {string} file the JSON report
 * @returns {{ passed: number, failed: number, notes: string[] }}
 */
export function tallyOf(file) {
  if (!existsSync(file)) return { passed: 0, failed: 1, notes: ['it ended without a report'] }
  const { testResults } = JSON.parse(readFileSync(file, 'utf8'))
  if (testResults.length === 0) return { passed: 0, failed: 1, notes: ['there are no tests'] }
  const notes = []
  let passed = 0
  let failed = 0
  for (const { name, status, message, assertionResults } of testResults) {
    const good = assertionResults.filter((test) => test.status === 'passed').length
    const bad = assertionResults.filter((test) => test.status !== 'passed')
    passed += good
    failed += bad.length
    notes.push(...bad.map((test) => `${test.status}: ${test.fullName}`))
    if (status !== 'passed' && bad.length === 0) {
      failed += 1
      notes.push(`${name}: ${String(message).split('\n')[0]}`)
    }
  }
  return { passed, failed, notes }
}
