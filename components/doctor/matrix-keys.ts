/** A field of the matrix; column 0 is the backend itself. */
export type Place = { row: number; column: number }

/** Where a key leads from a field, in a matrix of that many rows and columns; null when the key is none of the matrix. */
export function placeAfter(key: string, withControl: boolean, { row, column }: Place, rows: number, columns: number): Place | null {
  const last = { row: rows - 1, column: columns - 1 }
  switch (key) {
    case 'ArrowRight':
      return { row, column: Math.min(last.column, column + 1) }
    case 'ArrowLeft':
      return { row, column: Math.max(0, column - 1) }
    case 'ArrowDown':
      return { row: Math.min(last.row, row + 1), column }
    case 'ArrowUp':
      return { row: Math.max(0, row - 1), column }
    case 'Home':
      return { row: withControl ? 0 : row, column: 0 }
    case 'End':
      return { row: withControl ? last.row : row, column: last.column }
    default:
      return null
  }
}
