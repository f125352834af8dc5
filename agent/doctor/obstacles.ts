import { RunError } from '../run.ts'

/** A sentence about what could not be asked, without the places in a program's own input that it complains about. */
export function obstacleOf(what: string, error: unknown): string {
  return `${what}: ${reasonOf(error).replace(/\.$/, '')}.`
}

function reasonOf(error: unknown): string {
  if (!(error instanceof RunError) || error.failure.kind !== 'exit') return error instanceof Error ? error.message : String(error)
  const { command, code, stderr } = error.failure
  const [program = ''] = command.split(' ')
  const [line = ''] = stderr.trim().split('\n')
  // nft: "/dev/stdin:1:20-33: Error: …"; socat: "2026/11/21 20:08:09 socat[21360] E …".
  const said = line.replace(/^.*?(?:Error: |\] [EF] )/, '').replace(/"/g, '').replace(/\.$/, '').slice(0, 200)
  return said === '' ? `${program} ended with code ${code}` : `${program} says "${said}"`
}
