import type { Report } from '#test/lab/programs/protocol.ts'
import { backendNames } from './site.ts'

export type Counters = { add: (report: Report) => void; line: () => string }

/** Adds up what the client saw; shares are of the last seconds, so that a change shows at once. */
export function startCounters(): Counters {
  const answers = new Map(backendNames.map((name) => [name, 0]))
  const recent: Report[] = []
  let errors = 0
  return {
    add: (report) => {
      for (const [name, count] of Object.entries(report.answered)) answers.set(name, (answers.get(name) ?? 0) + count)
      errors += report.failures.length
      recent.push(report)
      if (recent.length > 3) recent.shift()
    },
    line: () => {
      const lately = backendNames.map((name) => recent.reduce((sum, one) => sum + (one.answered[name] ?? 0), 0))
      const failed = recent.reduce((sum, one) => sum + one.failures.length, 0)
      const all = lately.reduce((sum, one) => sum + one, 0) + failed
      const percent = (part: number): string => `${all === 0 ? 0 : Math.round((100 * part) / all)} %`.padStart(5)
      const parts = backendNames.map((name, index) => `${name} ${String(answers.get(name)).padStart(6)} ${percent(lately[index] ?? 0)}`)
      return `${parts.join(' | ')} | errors ${String(errors).padStart(4)} ${percent(failed)}`
    },
  }
}
