import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { Language, Parser } from 'web-tree-sitter'
import { linkCommands } from '#lib/prep/link-commands.ts'
import { prepSystems } from '#lib/prep/prep.ts'

const run = promisify(execFile)
const url = 'https://[2001:db8::1]:3000/api/v1/prep-links/abc_DEF-123'

test.each(['dash', 'bash', 'busybox'])('the Linux lines run in %s what the link hands out, with the link to report to', async (shell) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tangent-link-'))
  const server = createServer((_, response) => response.end('echo "ran $*"\n')).listen(0, '127.0.0.1')
  try {
    await new Promise((resolve) => server.once('listening', resolve))
    writeFileSync(path.join(folder, 'sudo'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 })
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/prep-links/abc_DEF-123`
    for (const system of ['linux', 'linux-redirect'] as const) {
      for (const mode of ['apply', 'check'] as const) {
        const args = ['-c', linkCommands(system, address)?.[mode] ?? '']
        const { stdout } = await run(shell, shell === 'busybox' ? ['sh', ...args] : args, { env: { ...process.env, PATH: `${folder}:${process.env.PATH}` } })
        expect(stdout).toBe(`ran --${mode} --report ${address}\n`)
      }
    }
  } finally {
    server.close()
    rmSync(folder, { recursive: true })
  }
})

test('the PowerShell lines parse, fetch the link and run what came with it to report to', async () => {
  await Parser.init()
  const parser = new Parser().setLanguage(await Language.load(createRequire(import.meta.url).resolve('tree-sitter-powershell/tree-sitter-powershell.wasm')))
  for (const mode of ['Apply', 'Check'] as const) {
    const line = linkCommands('windows-powershell', url)?.[mode === 'Apply' ? 'apply' : 'check'] ?? ''
    const root = parser.parse(line)?.rootNode
    expect(root?.hasError).toBe(false)
    expect(root?.descendantsOfType('command_name').map((node) => node?.text)).toEqual(['Invoke-WebRequest', 'powershell.exe'])
    expect(line).toContain(`-Uri '${url}'`)
    expect(line).toContain(`-File $file -Mode ${mode} -Report '${url}' }`)
  }
})

test('each is one line, and systems whose file is not run have none', () => {
  const without = prepSystems.filter((system) => linkCommands(system, url) === null)
  expect(without).toEqual(['windows-cmd', 'ansible', 'cloud-init', 'netplan', 'networkd', 'networkmanager', 'ifupdown', 'freebsd', 'container'])
  for (const system of prepSystems) for (const command of Object.values(linkCommands(system, url) ?? {})) expect(command).not.toContain('\n')
})

test.each(["http://a/'", 'http://a/$(id)', 'http://a/`id`', 'http://a/ b', 'http://a/\n', 'http://a/;id', 'http://a/?x=1', 'http://a/%27', 'http://ä/', 'file:///etc/passwd', 'ftp://a/', ''])('the address %j is refused', (address) => {
  for (const system of prepSystems) expect(() => linkCommands(system, address)).toThrow('alphabet')
})
