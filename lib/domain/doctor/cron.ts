const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

type Field = { name: string; min: number; max: number; names?: readonly string[] }

const fields = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of the month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, names: months },
  { name: 'day of the week', min: 0, max: 7, names: days },
] as const satisfies Field[]

/** Longest expression that is taken, in characters. */
export const cronLimit = 100

/** The expression with single blanks and in lower case. */
export function tidyCron(expression: string): string {
  return expression.trim().toLowerCase().replace(/\s+/g, ' ')
}

/**
 * What is wrong with a tidy cron expression of five fields, as a sentence; null when it is right. Fields are `*`, numbers, names, ranges
 * `a-b`, steps `/n` and lists. It is stricter than the scheduler, which takes ranges that are empty, or too long for its memory.
 */
export function cronMistake(expression: string): string | null {
  const texts = expression.split(' ')
  if (expression.length > cronLimit) return `It is longer than ${cronLimit} characters.`
  if (texts.length !== fields.length) return 'It has five fields: minute, hour, day of the month, month and day of the week.'
  const values = fields.map((field, index) => valuesOf(field, texts[index] ?? ''))
  const wrong = values.find((value) => typeof value === 'string')
  if (typeof wrong === 'string') return wrong
  const [, , monthDays = [], inMonths = []] = values as number[][]
  if (!inMonths.some((month) => monthDays.some((day) => day <= (longestMonths[month - 1] ?? 0)))) return 'There is no such day in that month.'
  if (texts[2] !== '*' && texts[4] !== '*') return 'Say the day of the month or the day of the week, and leave the other *.'
  return null
}

/** The numbers that a field stands for, or what is wrong with it. */
function valuesOf(field: Field, text: string): number[] | string {
  const values: number[] = []
  for (const part of text.split(',')) {
    const [, from = '', to, step = '1'] = /^(\*|[a-z0-9]{1,3})(?:-([a-z0-9]{1,3}))?(?:\/(\d{1,2}))?$/.exec(part) ?? []
    const first = from === '*' ? field.min : numberOf(field, from)
    const last = from === '*' ? field.max : to === undefined ? first : numberOf(field, to)
    if (first === null || last === null || (from === '*' && to !== undefined)) return `${part === '' ? 'Nothing' : part.slice(0, 20)} is no ${field.name}: use *, ${field.min} to ${field.max}, ranges such as ${field.min}-${field.max}, steps such as */2, and commas between them.`
    if (first > last) return `The range ${part} of the ${field.name} ends before it begins.`
    if (step !== '1' && from !== '*' && to === undefined) return `A step needs a range: write ${from}-${field.max}/${step} instead of ${part}.`
    if (Number(step) < 1 || Number(step) > field.max) return `The step ${step} is no number from 1 to ${field.max}.`
    for (let value = first; value <= last; value += Number(step)) values.push(value)
  }
  return values
}

function numberOf({ min, max, names = [] }: Field, text: string): number | null {
  const named = names.indexOf(text)
  const value = named >= 0 ? named + (min === 1 ? 1 : 0) : /^\d{1,2}$/.test(text) ? Number(text) : NaN
  return value >= min && value <= max ? value : null
}
