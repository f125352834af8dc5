import type { Findings } from './finding.ts'
import { redirectFindings } from './linux-redirect/findings.ts'
import { linuxFindings } from './linux/findings.ts'
import type { ReportSystem } from './report.ts'
import { windowsFindings } from './windows-powershell/findings.ts'

const registries: Record<ReportSystem, Findings> = {
  'linux': linuxFindings,
  'linux-redirect': redirectFindings,
  'windows-powershell': windowsFindings,
}

/** The words for the checks of a script. */
export function findingsOf(system: ReportSystem): Findings {
  return registries[system]
}
