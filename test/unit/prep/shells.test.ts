import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { generate, goldensFor } from './golden.ts'

/** Each tool prints what it finds wrong; nothing printed and exit status 0 is the pass. */
const readers: Array<[string, string[]]> = [
  ['shellcheck', ['-s', 'sh', '-']],
  ['dash', ['-n']],
  ['bash', ['--posix', '-n']],
  ['busybox', ['sh', '-n']],
]

describe.each(readers)('%s finds nothing wrong', (tool, args) => {
  test.each([...goldensFor('linux'), ...goldensFor('linux-redirect')])('in $name', ({ input }) => {
    expect(execFileSync(tool, args, { input: generate(input).text, encoding: 'utf8' })).toBe('')
  })
})
