import type { PrepSystem } from './prep.ts'

/** What to type on the machine itself; both send their report to the console. */
export type LinkCommands = { apply: string; check: string }

/** Nothing that a shell could read as anything but itself, inside quotes or out of them. The scripts take no other address either. */
const alphabet = /^https?:\/\/[A-Za-z0-9.:[\]/_-]+$/

/**
 * One line that fetches the script behind a link, runs it and reports back; null for a system whose file is not run like that.
 * `url` is the address of the console and the path of the link. Throws when it has a character that an address of ours never has.
 */
export function linkCommands(system: PrepSystem, url: string): LinkCommands | null {
  if (!alphabet.test(url)) throw new Error('The address of a link has a character outside its alphabet.')
  if (system === 'linux' || system === 'linux-redirect') return { apply: shell(url, '--apply'), check: shell(url, '--check') }
  if (system === 'windows-powershell') return { apply: powershell(url, 'Apply'), check: powershell(url, 'Check') }
  return null
}

/**
 * Into a file first: a shell at the end of a pipe calls half a download, or none, a success, and leaves no script that could undo. At home,
 * because elsewhere somebody else may write to it. Quoted, because a shell takes the brackets of an IPv6 address for a pattern.
 */
function shell(url: string, mode: string): string {
  return `curl -fsS -o ~/tangent-backend.sh '${url}' && sudo sh ~/tangent-backend.sh ${mode} --report '${url}'`
}

/**
 * For an elevated prompt. Windows PowerShell 5.1 offers no TLS 1.2 by itself, and goes on after an error unless told to stop: a
 * failed download must not run a file of last time.
 */
function powershell(url: string, mode: string): string {
  const steps = [
    "$ErrorActionPreference = 'Stop'",
    '[Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor 3072',
    '$file = "$env:TEMP\\tangent-backend.ps1"',
    `Invoke-WebRequest -UseBasicParsing -Uri '${url}' -OutFile $file`,
    `powershell.exe -NoProfile -ExecutionPolicy Bypass -File $file -Mode ${mode} -Report '${url}'`,
  ]
  return `& { ${steps.join('; ')} }`
}
