import { expect, test } from 'vitest'
import { obstacleOf } from '#agent/doctor/obstacles.ts'
import { RunError } from '#agent/run.ts'

const failed = (command: string, stderr: string): RunError => new RunError({ kind: 'exit', command, code: 1, stderr })

test.each<[unknown, string]>([
  [failed('nft -f -', '/dev/stdin:1:20-33: Error: No such file or directory\nadd element netdev tangent-doctor asked4 { 203.0.113.21 }\n                   ^^^^^^^^^^^^^^\n'), 'nft says "No such file or directory".'],
  [failed('socat -u -b 128 STDIN INTERFACE:eth0', '2026/11/21 20:08:09 socat[21360] E unknown interface "eth0".\n'), 'socat says "unknown interface eth0".'],
  [failed('fping -a', ''), 'fping ended with code 1.'],
  [new RunError({ kind: 'missing', command: 'socat', code: null, stderr: '' }), 'socat is not installed.'],
  [new Error('eth0 has no address of this family'), 'eth0 has no address of this family.'],
])('what could not be asked is told in a sentence', (error, sentence) => {
  expect(obstacleOf('Echoes could not be sent', error)).toBe(`Echoes could not be sent: ${sentence}`)
})
