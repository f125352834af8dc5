import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { prepSystems } from '#lib/prep/prep.ts'
import { blocks, generate, goldens, goldensFor, goldenText } from './golden.ts'

describe('the generated script is the one in the golden folder', () => {
  test.each(goldens)('$name', ({ input, file }) => {
    const text = goldenText(input)
    if (process.env.UPDATE_GOLDEN) writeFileSync(file, text)
    expect(text).toBe(readFileSync(file, 'utf8'))
  })
})

describe('a block of the Linux scripts is the one in the golden folder', () => {
  test.each(blocks)('$name', ({ text, file }) => {
    if (process.env.UPDATE_GOLDEN) writeFileSync(file, `${text}\n`)
    expect(`${text}\n`).toBe(readFileSync(file, 'utf8'))
  })
})

test('every system has a golden of each family', () => {
  const families = goldens.map(({ input }) => `${input.system} ${input.backend.address.includes(':') ? 'IPv6' : 'IPv4'}`)
  expect([...new Set(families)].sort()).toEqual(prepSystems.flatMap((system) => [`${system} IPv4`, `${system} IPv6`]).sort())
})

describe('a script is printable ASCII', () => {
  test.each(goldens.filter(({ input }) => input.system !== 'windows-cmd'))('with LF line ends: $name', ({ input }) => {
    expect(generate(input).text).toMatch(/^[\n\x20-\x7e]+\n$/)
  })

  test.each(goldensFor('windows-cmd'))('with CRLF line ends: $name', ({ input }) => {
    expect(generate(input).text).toMatch(/^([\x20-\x7e]*\r\n)+$/)
  })
})
