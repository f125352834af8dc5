import type { Problem } from '../domain/problem.ts'

const runAgain = 'Run the script with --check --json (PowerShell: -Mode Check -Json) and paste all that it prints.'

const mistakes = {
  'paste-empty': { message: 'Nothing was pasted.', hint: runAgain },
  'paste-no-report': { message: 'There is no report in this text.', hint: runAgain },
  'paste-in-words': { message: 'This is the check in words for people; the console reads its other form.', hint: runAgain },
  'paste-cut': { message: 'A part of the report is missing.', hint: 'Copy all of it, from the first { to the last }.' },
  'paste-twice': { message: 'There is more than one report in this text.', hint: 'Paste the last one alone.' },
  'paste-damaged': { message: 'The report was damaged on its way here.', hint: 'Copy it again as it is, or let the script send it with --report.' },
} as const satisfies Record<string, Omit<Problem, 'pointer' | 'code'>>

/**
 * Finds the report in what was copied from a terminal, whatever stands around it and however the terminal broke its lines; its
 * content is not looked at. Otherwise says what was pasted instead.
 */
export function pastedReport(pasted: string): { report: unknown } | { problem: Problem } {
  // A report has no line breaks inside its strings: those that are there came from a terminal too narrow for them.
  const text = pasted.replace(/[\r\n]+/g, '')
  const begun = [...text.matchAll(/\{\s*"format"\s*:/g)].map(({ index }) => index)
  if (begun.length > 1) return mistake('paste-twice')
  const start = begun[0] ?? text.indexOf('{')
  const end = start < 0 ? null : endOf(text, start)
  const report = end === null ? null : parsed(text.slice(start, end))
  if (report !== null && Object.hasOwn(report, 'format')) return { report }
  if (begun.length === 0) return mistake(withoutReport(pasted))
  return mistake(end === null ? 'paste-cut' : 'paste-damaged')
}

function withoutReport(pasted: string): keyof typeof mistakes {
  if (pasted.trim() === '') return 'paste-empty'
  if (/"verdict"\s*:/.test(pasted)) return 'paste-cut'
  return /^(ok {4}|FAIL {2}|note {2})/m.test(pasted) ? 'paste-in-words' : 'paste-no-report'
}

/** Where the object that begins at `start` ends; null when it does not. A string that never ends is one token, so that each character is read once. */
function endOf(text: string, start: number): number | null {
  let depth = 0
  for (const { 0: token, index } of text.slice(start).matchAll(/"(?:[^"\\]|\\[^]?)*"?|[{}]/g)) {
    if (token === '{') depth++
    else if (token === '}' && --depth === 0) return start + index + 1
  }
  return null
}

/** The object that a JSON text stands for; null when it is damaged. */
function parsed(text: string): object | null {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function mistake(code: keyof typeof mistakes): { problem: Problem } {
  return { problem: { pointer: '', code, ...mistakes[code] } }
}
