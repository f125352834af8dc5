import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { generate, goldens, goldensFor } from './golden.ts'

describe('the generated script is the one in the golden folder', () => {
  test.each(goldens)('$name', ({ input, file }) => {
    const { text } = generate(input)
    if (process.env.UPDATE_GOLDEN) writeFileSync(file, text)
    expect(text).toBe(readFileSync(file, 'utf8'))
  })
})

describe('a script is printable ASCII', () => {
  test.each([...goldensFor('linux'), ...goldensFor('windows-powershell')])('with LF line ends: $name', ({ input }) => {
    expect(generate(input).text).toMatch(/^[\n\x20-\x7e]+\n$/)
  })

  test.each(goldensFor('windows-cmd'))('with CRLF line ends: $name', ({ input }) => {
    expect(generate(input).text).toMatch(/^([\x20-\x7e]*\r\n)+$/)
  })
})
