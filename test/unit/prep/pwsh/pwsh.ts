import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PrepInput } from '#lib/prep/prep.ts'
import { generate } from '../golden.ts'

/** Whether there is a PowerShell on the PATH. */
export const havePwsh = spawnSync('pwsh', ['-NoProfile', '-Command', 'exit 0']).status === 0

/** One run of a script: its parameters, what happens on the machine before it (PowerShell), and after how many changes it is killed. */
export type Step = { input: PrepInput; arguments: Record<string, string | boolean>; first?: string; limit?: number }
export type Case = { before?: string; steps: Step[] }

/** `left`: what is different from before the first step, one line each; `changes`: of the machine and of the registry. */
export type CaseResult = { steps: Array<{ status: number; output: string; changes: number }>; left: string[]; reports: string[] }

/** The model stands for an administrator's machine; the question itself has an answer on Windows only. */
function scriptOf(input: PrepInput): string {
  const text = generate(input).text
  const administrator = text.replace(/^function Test-Administrator \{\n[^}]*\n\}$/m, 'function Test-Administrator { $true }')
  if (administrator === text) throw new Error('The script has no Test-Administrator.')
  return administrator
}

/** Runs each case on a machine of its own that has the backend's address and nothing else. */
export function runCases(cases: Case[]): CaseResult[] {
  const folder = mkdtempSync(join(tmpdir(), 'tangent-pwsh-'))
  try {
    const files = new Map<string, string>()
    const fileOf = (input: PrepInput): string => {
      const text = scriptOf(input)
      const file = files.get(text) ?? join(folder, `script-${files.size}.ps1`)
      if (!files.has(text)) writeFileSync(file, text)
      files.set(text, file)
      return file
    }
    const described = cases.map(({ before = '', steps }) => {
      const rip = steps[0]?.input.backend.address ?? ''
      const own = steps.map((step) => ({ script: fileOf(step.input), arguments: step.arguments, first: step.first ?? '', limit: step.limit ?? -1 }))
      return { rip, prefix: rip.includes(':') ? 64 : 24, before, steps: own }
    })
    const casesFile = join(folder, 'cases.json')
    writeFileSync(casesFile, JSON.stringify(described))
    const run = fileURLToPath(new URL('run.ps1', import.meta.url))
    const output = execFileSync('pwsh', ['-NoProfile', '-NonInteractive', '-File', run, casesFile], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'ignore'] })
    return JSON.parse(output) as CaseResult[]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What the real parser has to say against a script: nothing, when it is right. */
export function parseErrors(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tangent-pwsh-'))
  try {
    const file = join(folder, 'script.ps1')
    writeFileSync(file, text)
    const command = `$errors = $null; [void][Management.Automation.Language.Parser]::ParseFile('${file}', [ref]$null, [ref]$errors); $errors | ForEach-Object { "line $($_.Extent.StartLineNumber): $($_.Message)" }`
    return execFileSync('pwsh', ['-NoProfile', '-NonInteractive', '-Command', command], { encoding: 'utf8' })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
