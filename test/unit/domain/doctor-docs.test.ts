import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { doctorChecks } from '#lib/domain/doctor/checks.ts'
import { findingKinds } from '#lib/domain/doctor/findings.ts'

const lines = readFileSync(path.resolve(import.meta.dirname, '../../../docs/doctor.md'), 'utf8').split('\n')

/** The first cells of the table under a heading. */
function table(heading: string, cells: number): string[] {
  const rows = lines.slice(lines.indexOf(`## ${heading}`) + 1)
  const section = rows.slice(0, rows.findIndex((line) => line.startsWith('## ')))
  return section.filter((line) => line.startsWith('| ')).slice(2).map((line) => line.split(' | ').slice(0, cells).join(' | ').replace(/^\| /, ''))
}

test('the documentation has every check, in the order of the matrix', () => {
  expect(table('What it asks', 1)).toEqual(Object.values(doctorChecks).map(({ title }) => title))
})

test('the documentation has every kind of finding, with its severity and title', () => {
  expect(table('What it finds', 3).sort()).toEqual(Object.entries(findingKinds).map(([code, { severity, title }]) => `\`${code}\` | ${severity} | ${title}`).sort())
})
