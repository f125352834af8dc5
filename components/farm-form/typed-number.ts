/** The number that was typed; NaN, which no schema accepts, for every other text. */
export function typedNumber(text: string): number {
  return /^\d{1,10}(\.\d{1,20})?$/.test(text.trim()) ? Number(text) : Number.NaN
}
