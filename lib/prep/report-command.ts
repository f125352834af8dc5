/** The command that prints the report of a check, made of the one that checks in words; null when that one runs no script with a report. */
export function reportCommand(check: string): string | null {
  if (check.includes(' --check')) return check.replace(' --check', ' --check --json')
  return check.includes(' -Mode Check') ? check.replace(' -Mode Check', ' -Mode Check -Json') : null
}
