import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
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

/** Lends a console to some work, and a shell to type lines at, where sudo only runs what follows it. */
async function onConsole(shell: string, answer: RequestListener, work: (address: string, line: (text: string) => Promise<{ stdout: string }>) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tangent-link-'))
  const server = createServer(answer).listen(0, '127.0.0.1')
  try {
    await new Promise((resolve) => server.once('listening', resolve))
    writeFileSync(path.join(folder, 'sudo'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 })
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, HOME: folder }
    const line = (text: string) => run(shell, [...(shell === 'busybox' ? ['sh'] : []), '-c', text], { env })
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, line)
  } finally {
    server.close()
    rmSync(folder, { recursive: true })
  }
}

test.each(['dash', 'bash', 'busybox'])('the Linux lines run in %s what the link hands out, with the link to report to', async (shell) => {
  await onConsole(shell, (_, response) => response.end('echo "ran $*"\n'), async (address, line) => {
    for (const system of ['linux', 'linux-redirect'] as const) {
      for (const mode of ['apply', 'check'] as const) {
        const link = `${address}/api/v1/prep-links/abc_DEF-123`
        expect((await line(linkCommands(system, link)?.[mode] ?? '')).stdout).toBe(`ran --${mode} --report ${link}\n`)
      }
    }
  })
})

test.each(['dash', 'bash', 'busybox'])('the Linux lines run nothing in %s, and fail, when the download failed or stopped half-way', async (shell) => {
  await onConsole(shell, (request, response) => {
    if (request.url === '/gone') return void response.writeHead(404).end('echo ran\n')
    response.writeHead(200, { 'content-length': 100 })
    response.write('echo ran\n', () => response.destroy())
  }, async (address, line) => {
    for (const target of [`${address}/gone`, `${address}/half`, 'http://127.0.0.1:1/']) {
      for (const command of Object.values(linkCommands('linux', target) ?? {})) {
        await expect(line(command), command).rejects.toMatchObject({ code: expect.any(Number), stdout: '' })
      }
    }
  })
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
