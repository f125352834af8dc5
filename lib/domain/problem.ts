/** One reason why an input is refused. `pointer` is an RFC 6901 JSON pointer into the input. */
export type Problem = {
  pointer: string
  code: string
  message: string
  hint: string
}

/** Joins path segments to an RFC 6901 JSON pointer; `~` and `/` inside a segment are escaped. */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => '/' + String(part).replace(/~/g, '~0').replace(/\//g, '~1')).join('')
}
