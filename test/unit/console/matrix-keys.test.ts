import { expect, test } from 'vitest'
import { placeAfter } from '#components/doctor/matrix-keys.ts'

const rows = 3
const columns = 15

test.each([
  ['ArrowRight', false, [0, 0], [0, 1]],
  ['ArrowRight', false, [1, 14], [1, 14]],
  ['ArrowLeft', false, [1, 0], [1, 0]],
  ['ArrowLeft', false, [1, 5], [1, 4]],
  ['ArrowDown', false, [0, 5], [1, 5]],
  ['ArrowDown', false, [2, 5], [2, 5]],
  ['ArrowUp', false, [0, 5], [0, 5]],
  ['ArrowUp', false, [2, 5], [1, 5]],
  ['Home', false, [2, 5], [2, 0]],
  ['End', false, [0, 5], [0, 14]],
  ['Home', true, [2, 5], [0, 0]],
  ['End', true, [0, 5], [2, 14]],
] as const)('%s (control: %s) leads from %o to %o', (key, control, [row, column], [toRow, toColumn]) => {
  expect(placeAfter(key, control, { row, column }, rows, columns)).toEqual({ row: toRow, column: toColumn })
})

test.each(['Enter', 'Tab', ' ', 'a'])('%j is left to the browser', (key) => {
  expect(placeAfter(key, false, { row: 0, column: 0 }, rows, columns)).toBeNull()
})
