import { createRequire } from 'node:module'
import { beforeAll, describe, expect, test } from 'vitest'
import { Language, Parser } from 'web-tree-sitter'
import type { Node } from 'web-tree-sitter'
import { verdicts } from '#lib/prep/finding.ts'
import { windowsFindings } from '#lib/prep/windows-powershell/findings.ts'
import { generate, goldensFor } from './golden.ts'
import { netshCommands } from './netsh.ts'
import { cmdlets, commonParameters } from './pwsh/cmdlets.ts'

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

function nodes(root: Node, type: string): Node[] {
  return root.descendantsOfType(type).flatMap((node) => node ?? [])
}

function commandsOf(root: Node, type: string): string[] {
  return [...new Set(nodes(root, type).map((node) => node.text.trim()))].sort()
}

function childrenOf(node: Node | null): Node[] {
  return node?.children.flatMap((child) => child ?? []) ?? []
}

/** One call of a command: its parameters by name, with those of a splatted table, and how many arguments have none. */
function callOf(command: Node, text: string): { name: string; parameters: string[]; positional: number } {
  const elements = childrenOf(command.childForFieldName('command_elements')).filter(({ type }) => type !== 'command_argument_sep')
  const splatted = elements.flatMap((element) => (element.text.startsWith('@') && /^@\w+$/.test(element.text) ? keysOf(element.text.slice(1), text) : []))
  const named = elements.flatMap((element) => (element.type === 'command_parameter' ? [element.text.replace(/^-|:.*$/g, '')] : []))
  return { name: command.childForFieldName('command_name')?.text ?? '', parameters: [...named, ...splatted], positional: elements.length - named.length }
}

/** The keys of the table that is splatted: those of its literal, and those that are added. */
function keysOf(variable: string, text: string): string[] {
  const literal = text.match(new RegExp(`\\$${variable} = @\\{(.*)\\}`))?.[1] ?? ''
  return [...literal.matchAll(/(\w+) = /g), ...text.matchAll(new RegExp(`\\$${variable}\\.(\\w+) = `, 'g'))].flatMap(([, key]) => key ?? [])
}

describe('PowerShell', () => {
  const functions = /^function ([\w-]+)(?:\(([^\n]*)\))? \{$/gm

  test.each(goldensFor('windows-powershell'))('$name parses, and runs only commands of the list and functions of its own', ({ input }) => {
    const { text } = generate(input)
    const root = parse('powershell', text)
    expect(root.hasError).toBe(false)
    const own = [...text.matchAll(functions)].map((match) => match[1] ?? '')
    const names = commandsOf(root, 'command_name').filter((name) => !own.includes(name))
    expect(names).toEqual(Object.keys(cmdlets).sort())
  })

  test.each(goldensFor('windows-powershell'))('$name gives every command parameters of one of its sets', ({ input }) => {
    const { text } = generate(input)
    const calls = nodes(parse('powershell', text), 'command').map((command) => callOf(command, text))
    expect(calls.filter(({ name }) => name in cmdlets).length).toBeGreaterThan(100)
    const wrong = calls.filter(({ name, parameters }) => {
      const sets = cmdlets[name]?.map((set) => [...set.split(' '), ...commonParameters])
      return sets && !sets.some((set) => parameters.every((parameter) => set.includes(parameter)))
    })
    expect(wrong).toEqual([])
  })

  test('a parameter that a command does not have is seen', () => {
    const text = 'Get-NetAdapter -Name x -InterfaceIndex 3'
    const [call] = nodes(parse('powershell', text), 'command').map((command) => callOf(command, text))
    expect(call).toEqual({ name: 'Get-NetAdapter', parameters: ['Name', 'InterfaceIndex'], positional: 2 })
    expect(cmdlets['Get-NetAdapter']?.some((set) => call?.parameters.every((parameter) => set.split(' ').includes(parameter)))).toBe(false)
  })

  test.each(goldensFor('windows-powershell'))('$name calls its own functions with as many arguments as they take', ({ input }) => {
    const { text } = generate(input)
    const taken = new Map([...text.matchAll(functions)].map(([, name, list = '']) => [name, list.split(',').filter(Boolean)]))
    const calls = nodes(parse('powershell', text), 'command').map((command) => callOf(command, text)).filter(({ name }) => taken.has(name))
    expect(calls.length).toBeGreaterThan(100)
    const wrong = calls.filter(({ name, parameters, positional }) => {
      const list = taken.get(name) ?? []
      return parameters.length > 0 || positional > list.length || positional < list.filter((each) => !each.includes(' = ')).length
    })
    expect(wrong).toEqual([])
  })

  test.each(goldensFor('windows-powershell'))('$name reads only variables that it sets', ({ input }) => {
    const { text } = generate(input)
    const program = text.replace(/^\$SetupSource = @'[^]*?^'@$/m, '$SetupSource = 0')
    const automatic = ['_', 'env', 'false', 'null', 'true', 'PSVersionTable']
    const nameOf = (node: Node): string => node.text.replace(/^[$@](script:)?|:.*$/g, '')
    const used = new Set(nodes(parse('powershell', program), 'variable').map(nameOf))
    const set = new Set([...program.matchAll(/\$(?:script:)?(\w+)(?=(?:, \$\w+)* = )/g), ...program.matchAll(/foreach \(\$(\w+) in/g), ...program.matchAll(/^(?:function|    \[(?:string|switch)\]).*$/gm)].flatMap(([all, name]) => name ?? [...all.matchAll(/\$(\w+)/g)].map((match) => match[1] ?? '')))
    const lower = new Set([...set, ...automatic].map((name) => name.toLowerCase()))
    expect([...used].filter((name) => !lower.has(name.toLowerCase()))).toEqual([])
  })

  test('its check finds what the registry has words for, and nothing else', () => {
    const [golden] = goldensFor('windows-powershell')
    const text = golden ? generate(golden.input).text : ''
    const found = [...text.matchAll(/Add-Finding '([a-z0-9-]+)' '(\w+)'/g)].map(([, code, verdict]) => `${code} ${verdict}`)
    const enabled = [...text.matchAll(/Test-Enabled '([a-z0-9-]+)'/g)].flatMap(([, code]) => [`${code} ok`, `${code} fail`])
    const known = Object.entries(windowsFindings).flatMap(([code, finding]) => verdicts.filter((verdict) => finding[verdict]).map((verdict) => `${code} ${verdict}`))
    expect([...new Set([...found, ...enabled])].sort()).toEqual(known.sort())
    expect(Object.entries(windowsFindings).filter(([, finding]) => !finding.fix)).toEqual([])
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
    expect(commandsOf(root, 'command_name')).toEqual(['echo', 'findstr', 'fltmc', 'netsh', 'netstat', 'reg'])
  })

  test.each(goldensFor('windows-cmd'))('$name gives netsh only what its documentation has', ({ input }) => {
    const calls = [...generate(input).text.matchAll(/^\s*netsh ([^|>\r]*)/gm)].map(([, call = '']) => call.trim().replaceAll('%FAMILY%', 'ipv4').replaceAll('weakhost%1', 'weakhostreceive'))
    expect(calls.length).toBeGreaterThan(5)
    const wrong = calls.filter((call) => {
      const words = call.replace(/"[^"]*"/g, 'x').split(/\s+/)
      const command = Object.keys(netshCommands).find((name) => call.startsWith(`${name} `) || call === name)
      if (!command) return true
      const rest = words.slice(command.split(' ').length)
      return rest.some((word) => (word.includes('=') ? !netshCommands[command]?.includes(word.slice(0, word.indexOf('='))) : word !== 'x'))
    })
    expect(wrong).toEqual([])
  })

  test('no line is longer than cmd reads, however many VIPs there are', () => {
    const [golden] = goldensFor('windows-cmd')
    const farms = Array.from({ length: 1000 }, (_, index) => golden?.input.farms.slice(0, 1).map((farm) => ({ ...farm, name: `farm-${index}`, vip: `10.9.${1 + Math.floor(index / 250)}.${1 + (index % 250)}` })) ?? []).flat()
    const text = golden ? generate({ ...golden.input, farms }).text : ''
    expect(text.match(/^call %1 "10\.9\./gm)?.length).toBeGreaterThan(1000)
    expect(Math.max(...text.split('\r\n').map((each) => each.length))).toBeLessThan(8191)
  })

  test.each(goldensFor('windows-cmd'))('$name jumps only to labels that it has', ({ input }) => {
    const { text } = generate(input)
    const labels = [...text.matchAll(/^:(\w+)\r$/gm)].map((match) => match[1])
    const jumps = [...text.matchAll(/(?:\bgoto |\bcall :|\bcall :each_\w+ :)(\w+)/g)].map((match) => match[1])
    expect(new Set(labels).size).toBe(labels.length)
    expect(jumps.filter((label) => !labels.includes(label))).toEqual([])
  })
})
