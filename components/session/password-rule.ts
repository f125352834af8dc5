import { minPasswordLength } from '#lib/domain/password.ts'
import type { FieldMessage } from '#components/ui/field.tsx'

export const passwordRule = `At least ${minPasswordLength} characters. Long is better than complicated: a few words that nobody would put together are fine.`

/** What is wrong with a new password and its repetition; empty strings count as not typed yet. */
export function passwordMessages(next: string, repeated: string): { next: FieldMessage[]; repeated: FieldMessage[] } {
  const missing = minPasswordLength - [...next].length
  return {
    next: next !== '' && missing > 0 ? [{ message: `${missing} more ${missing === 1 ? 'character' : 'characters'}, please.`, hint: '' }] : [],
    repeated: repeated !== '' && repeated !== next ? [{ message: 'This is not the same password.', hint: '' }] : [],
  }
}
