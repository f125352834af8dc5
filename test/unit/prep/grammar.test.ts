import { createRequire } from 'node:module'
import { beforeAll, describe, expect, test } from 'vitest'
import { Language, Parser } from 'web-tree-sitter'
import type { Node } from 'web-tree-sitter'
import { generate, goldensFor } from './golden.ts'

const require = createRequire(import.meta.url)
const parsers = new Map<string, Parser>()

beforeAll(async () => {
  await Parser.init()
  for (const name of ['powershell', 'batch']) {
    const parser = new Parser()
    parser.setLanguage(await Language.load(require.resolve(`tree-sitter-${name}/tree-sitter-${name}.wasm`)))
    parsers.set(name, parser)
  }
})

function parse(language: string, text: string): Node {
  const tree = parsers.get(language)?.parse(text)
  if (!tree) throw new Error(`There is no parser for ${language}.`)
  return tree.rootNode
}

function commandsOf(root: Node, type: string): string[] {
  const names = root.descendantsOfType(type).flatMap((node) => node?.text.trim() ?? [])
  return [...new Set(names)].sort()
}

/** The commands that change a machine or read it; whatever else the script runs must be a function of its own. */
const cmdlets = [
  'Add-Type', 'ConvertFrom-Json', 'ConvertTo-Json', 'Disable-NetAdapterBinding', 'ForEach-Object', 'Get-ChildItem', 'Get-Content', 'Get-NetAdapter',
  'Get-NetAdapterBinding', 'Get-NetFirewallRule', 'Get-NetIPAddress', 'Get-NetIPInterface', 'Join-Path', 'Move-Item', 'New-Item', 'New-NetFirewallRule',
  'New-NetIPAddress', 'New-Object', 'Out-Null', 'Remove-Item', 'Remove-NetFirewallRule', 'Remove-NetIPAddress', 'Rename-NetAdapter', 'Select-Object',
  'Set-Content', 'Set-DnsClient', 'Set-NetIPInterface', 'Set-StrictMode', 'Start-Sleep', 'Test-Path', 'Where-Object', 'Write-Output',
]

describe('PowerShell', () => {
  test.each(goldensFor('windows-powershell'))('$name parses, and runs only commands of the list and functions of its own', ({ input }) => {
    const { text } = generate(input)
    const root = parse('powershell', text)
    expect(root.hasError).toBe(false)
    const own = [...text.matchAll(/^function ([\w-]+)/gm)].map((match) => match[1])
    expect(commandsOf(root, 'command_name').filter((name) => !own.includes(name))).toEqual(cmdlets)
  })

  test('the grammar sees a broken script', () => {
    const [golden] = goldensFor('windows-powershell')
    const text = golden ? generate(golden.input).text : ''
    expect(parse('powershell', text.replace('function Show-ManualSteps {', 'function Show-ManualSteps')).hasError).toBe(true)
  })
})

describe('cmd', () => {
  test.each(goldensFor('windows-cmd'))('$name parses, and runs only commands of the list', ({ input }) => {
    const root = parse('batch', generate(input).text)
    expect(root.hasError).toBe(false)
    expect(commandsOf(root, 'command_name')).toEqual(['echo', 'findstr', 'fltmc', 'netsh'])
  })

  test.each(goldensFor('windows-cmd'))('$name jumps only to labels that it has', ({ input }) => {
    const { text } = generate(input)
    const labels = [...text.matchAll(/^:(\w+)\r$/gm)].map((match) => match[1])
    const jumps = [...text.matchAll(/\b(?:goto |call :)(\w+)/g)].map((match) => match[1])
    expect(new Set(labels).size).toBe(labels.length)
    expect(jumps.filter((label) => !labels.includes(label))).toEqual([])
  })
})
