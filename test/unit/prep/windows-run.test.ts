import { describe, expect, test } from 'vitest'
import { explain } from '#lib/prep/finding.ts'
import type { PrepFarm, PrepInput } from '#lib/prep/prep.ts'
import { reportSchema } from '#lib/prep/report.ts'
import type { PrepReport } from '#lib/prep/report.ts'
import { windowsFindings } from '#lib/prep/windows-powershell/findings.ts'
import { generate, goldensFor } from './golden.ts'
import { havePwsh, parseErrors, runCases } from './pwsh/pwsh.ts'
import type { Case, CaseResult, Step } from './pwsh/pwsh.ts'

const web: PrepFarm = { name: 'web', vip: '10.9.0.100', additionalVips: [], protocol: 'tcp', ports: ['80'], mode: 'dsr', delivery: 'l2' }
const dns: PrepFarm = { name: 'dns', vip: '10.9.0.101', additionalVips: [], protocol: 'udp', ports: ['53'], mode: 'dsr', delivery: 'l2' }

const apply = { Mode: 'Apply' }
const check = { Mode: 'Check' }
const json = { Mode: 'Check', Json: true }
const undo = { Mode: 'Undo' }
const builtin = { UseBuiltinLoopback: true }

function input(farms: PrepFarm[], address = '10.9.0.21'): PrepInput {
  return { system: 'windows-powershell', backend: { name: 'web1', address }, farms, appliances: ['10.9.0.10'] }
}

function steps(one: PrepInput, ...modes: Array<Step['arguments']>): Step[] {
  return modes.map((mode) => ({ input: one, arguments: mode }))
}

/** An application on every address, for each port that is used here. */
function listening(every = '0.0.0.0'): string {
  return `(Get-Machine).Sockets = @(21, 53, 80, 443, 2905 | ForEach-Object { $port = $_; 'tcp', 'udp' | ForEach-Object { @{ Protocol = $_; LocalAddress = '${every}'; LocalPort = $port } } })`
}

function only(one: Case): CaseResult {
  const [result] = runCases([one])
  if (!result) throw new Error('There is no result.')
  return result
}

function statuses(result: CaseResult): number[] {
  return result.steps.map(({ status }) => status)
}

function reportOf(output: string | undefined): PrepReport {
  return reportSchema.parse(JSON.parse(output ?? ''))
}

function wrong(result: CaseResult): string[] {
  const report = reportOf(result.steps.at(-1)?.output)
  return report.items.filter(({ verdict }) => verdict !== 'ok').map(({ code, verdict, subject, found }) => [code, verdict, subject, found].join(' | '))
}

/** What somebody does to a prepared machine, and what the check says of it. */
const mistakes: Array<[string, string, string[]]> = [
  ['the VIP on the real interface as well', "Add-Address '10.9.0.100' 12 24", ['vip-elsewhere | fail | 10.9.0.100 | interface 12 interface 12']],
  ['weak host receive switched off', "(Get-Machine).Interfaces | Where-Object { $_.InterfaceIndex -eq 12 } | ForEach-Object { $_.WeakHostReceive = 'Disabled' }", ['weak-host-receive | fail | Ethernet _1_ | Disabled']],
  ['weak host send switched off', "(Get-Machine).Interfaces | Where-Object { $_.InterfaceIndex -eq 34 } | ForEach-Object { $_.WeakHostSend = 'Disabled' }", ['weak-host-send | fail | Tangent-DSR | Disabled']],
  ['the adapter disabled', "(Get-Machine).Adapters | Where-Object { $_.Name -eq 'Tangent-DSR' } | ForEach-Object { $_.Status = 'Disabled' }", ['adapter | fail | Tangent-DSR | Disabled']],
  ['DHCP of the real interface switched off', "(Get-Machine).Interfaces | Where-Object { $_.InterfaceIndex -eq 12 } | ForEach-Object { $_.Dhcp = 'Disabled' }", ['dhcp | fail | Ethernet _1_ | Disabled']],
  ['a wide prefix', "(Get-Machine).Addresses | Where-Object { $_.IPAddress -eq '10.9.0.100' } | ForEach-Object { $_.PrefixLength = 24 }", ['vip-wide | fail | 10.9.0.100 | prefix 24']],
  ['a duplicate', "(Get-Machine).Addresses | Where-Object { $_.IPAddress -eq '10.9.0.100' } | ForEach-Object { $_.AddressState = 'Duplicate' }", ['vip-state | fail | 10.9.0.100 | Duplicate']],
  ['the VIP as a source', "(Get-Machine).Addresses | Where-Object { $_.IPAddress -eq '10.9.0.100' } | ForEach-Object { $_.SkipAsSource = $false }", ['vip-source | fail | 10.9.0.100 | ']],
  ['the VIP until the next boot only', "(Get-Machine).Addresses = @((Get-Machine).Addresses | Where-Object { $_.IPAddress -ne '10.9.0.100' -or $_.Store -eq 'ActiveStore' })", ['persistence | warn | 10.9.0.100 | ']],
  ['no VIP', "(Get-Machine).Addresses = @((Get-Machine).Addresses | Where-Object { $_.IPAddress -ne '10.9.0.100' })", ['vip-on-loopback | fail | 10.9.0.100 | ']],
  [
    'no VIP on a machine that forwards',
    "(Get-Machine).Addresses = @((Get-Machine).Addresses | Where-Object { $_.IPAddress -ne '10.9.0.100' }); (Get-Machine).Interfaces | Where-Object { $_.InterfaceIndex -eq 12 } | ForEach-Object { $_.Forwarding = 'Enabled' }",
    ['vip-forwarded | fail | 10.9.0.100 | Ethernet _1_'],
  ],
  ['file sharing on the loopback', "(Get-Machine).Adapters | Where-Object { $_.Name -eq 'Tangent-DSR' } | ForEach-Object { $_.Bindings.ms_server = $true }", ['binding | warn | ms_server | ']],
  ['DNS registration of the loopback', "(Get-Machine).Adapters | Where-Object { $_.Name -eq 'Tangent-DSR' } | ForEach-Object { $_.Dns = $true }", ['dns-registration | warn | Tangent-DSR | ']],
  ['the rule disabled', "(Get-Machine).Rules | ForEach-Object { $_.Enabled = 'False' }", ['firewall | fail | 10.9.0.100/tcp/80 | it is disabled']],
  ['the rule with other ports', "(Get-Machine).Rules | ForEach-Object { $_.LocalPort = @('81') }", ['firewall | fail | 10.9.0.100/tcp/80 | it has other ports']],
  ['the rule removed', '(Get-Machine).Rules = @()', ['firewall | fail | 10.9.0.100/tcp/80 | it is missing']],
  ['the firewall service stopped', '(Get-Machine).FirewallRuns = $false', ['firewall | warn | 10.9.0.100/tcp/80 | its service is not running']],
  [
    'a rule that blocks the port',
    "New-NetFirewallRule -DisplayName 'No web' -Direction Inbound -Action Block -Profile Any -LocalAddress Any -Protocol TCP -LocalPort '70-90' | Out-Null",
    ['firewall-block | fail | 10.9.0.100/tcp/80 | No web'],
  ],
  [
    'a rule that blocks some clients',
    "New-NetFirewallRule -DisplayName 'Not them' -Direction Inbound -Action Block -Profile Any -LocalAddress Any -Protocol Any -RemoteAddress 192.0.2.0/24 | Out-Null",
    ['firewall-block | warn | 10.9.0.100/tcp/80 | Not them'],
  ],
  [
    'a rule that blocks some programs, and another one',
    "'web.exe', 'other.exe' | ForEach-Object { New-NetFirewallRule -DisplayName $_ -Description $_ -Direction Inbound -Action Block -Profile Any -LocalAddress Any -Protocol TCP -Program $_ | Out-Null }",
    ['firewall-block | warn | 10.9.0.100/tcp/80 | web.exe, other.exe'],
  ],
  ['a rule that blocks another port', "New-NetFirewallRule -DisplayName 'No mail' -Direction Inbound -Action Block -Profile Any -LocalAddress Any -Protocol TCP -LocalPort 25 | Out-Null", []],
  ['a group policy that ignores local rules', "(Get-Machine).LocalRules = 'False'", ['firewall-policy | warn | Public | local rules are ignored']],
  ['no application', "(Get-Machine).Sockets = @(@{ Protocol = 'tcp'; LocalAddress = '0.0.0.0'; LocalPort = 443 })", ['listener | fail | 10.9.0.100/tcp/80 | ']],
  ['an application on its own address only', "(Get-Machine).Sockets = @(@{ Protocol = 'tcp'; LocalAddress = '10.9.0.21'; LocalPort = 80 })", ['listener-elsewhere | fail | 10.9.0.100/tcp/80 | 10.9.0.21']],
  ['an application for IPv6 only', "(Get-Machine).Sockets = @(@{ Protocol = 'tcp'; LocalAddress = '::'; LocalPort = 80 })", ['listener-elsewhere | fail | 10.9.0.100/tcp/80 | ::']],
  ['the appliance as gateway', "(Get-Machine).Gateway = '10.9.0.10'", ['gateway | fail | 10.9.0.10 | the appliance']],
  ['the VIP as gateway', "(Get-Machine).Gateway = '10.9.0.100'", ['gateway | fail | 10.9.0.100 | a VIP']],
  ['no gateway', "(Get-Machine).Gateway = ''", ['gateway | warn | 0.0.0.0/0 | ']],
]

/** What `Apply` mends by itself; the rest is refused or is not its business. */
const mended = ['weak host receive switched off', 'weak host send switched off', 'a duplicate', 'the VIP as a source', 'no VIP', 'file sharing on the loopback', 'DNS registration of the loopback', 'the rule disabled', 'the rule with other ports', 'the rule removed']

const refused: Array<[string, string, Step['arguments']]> = [
  ['the VIP on the real interface', "Add-Address '10.9.0.100' 12 24", apply],
  ['no interface with the address', '(Get-Machine).Addresses = @()', apply],
  ['an adapter of that name that is no loopback', "(Get-Machine).Adapters[0].Name = 'Tangent-DSR'", apply],
  ['a loopback adapter by hand that is disabled', "New-Adapter 34 'Tangent-DSR' '*msloop'; (Get-Machine).Adapters[1].Status = 'Disabled'", apply],
  ['the VIP on it by hand, as a source', "New-Adapter 34 'Tangent-DSR' '*msloop'; Add-Address '10.9.0.100' 34 32", apply],
  ['the VIP on it by hand, with a wide prefix', "New-Adapter 34 'Tangent-DSR' '*msloop'; Add-Address '10.9.0.100' 34 24 $true", apply],
  ['settings that this PowerShell shows as numbers', "(Get-Machine).Interfaces | ForEach-Object { $_.WeakHostReceive = '0' }", apply],
]

const wrongUses: Array<Step['arguments']> = [
  { Mode: '' },
  { Mode: 'Remove' },
  { Mode: 'Undo', Report: 'http://10.9.0.10/x' },
  { Mode: 'Apply', Json: true },
  { Mode: 'Check', Report: 'http://10.9.0.10/$(x)' },
  { Mode: 'Check', Report: 'file:///etc/passwd' },
]

if (!havePwsh) {
  console.warn('There is no pwsh on the PATH: the PowerShell scripts are not run here, only read.')
  test('the PowerShell scripts are not run, because there is no pwsh on the PATH', () => expect(havePwsh).toBe(false))
} else {
  describe('a PowerShell script, run', { timeout: 600_000 }, () => {
    test.each(goldensFor('windows-powershell'))('is read without an error: $name', ({ input: one }) => expect(parseErrors(generate(one).text)).toBe(''))

    test.each(goldensFor('windows-powershell'))('applies, checks and undoes $name, each twice, with its own adapter and without', ({ input: one }) => {
      const before = listening(one.backend.address.includes(':') ? '::' : '0.0.0.0')
      const results = runCases([{}, builtin].map((more) => ({ before, steps: steps(one, { ...apply, ...more }, check, { ...apply, ...more }, { ...json, ...more }, undo, undo) })))
      for (const result of results) {
        expect(result.steps[1]?.output).not.toMatch(/^FAIL/m)
        expect(statuses(result)).toEqual([0, 0, 0, 0, 0, 0])
        expect(result.steps.map(({ changes }) => changes > 0)).toEqual([true, false, false, false, true, false])
        expect(result.left).toEqual([])
        expect(reportOf(result.steps[3]?.output).items.filter(({ verdict }) => verdict === 'fail')).toEqual([])
      }
    })

    test('a check in words and a report say the same, in the words of the console', () => {
      const result = only({ before: listening(), steps: steps(input([web, dns]), check, json) })
      const report = reportOf(result.steps[1]?.output)
      expect(report).toMatchObject({ system: 'windows-powershell', backend: '10.9.0.21', vips: ['10.9.0.101', '10.9.0.100'], services: ['10.9.0.101/udp/53', '10.9.0.100/tcp/80'] })
      const marks = { ok: 'ok    ', fail: 'FAIL  ', warn: 'note  ' }
      const words = report.items.map((item) => explain(windowsFindings, item)).flatMap(({ verdict, text, fix }) => [marks[verdict] + text, ...(fix === null ? [] : [`      fix: ${fix}`])])
      expect(result.steps[0]?.output.split('\n')).toEqual(words)
      expect(statuses(result)).toEqual([1, 1])
      expect(Math.max(...(result.steps[1]?.output.split('\n') ?? []).map((text) => text.match(/"code"/g)?.length ?? 0))).toBe(1)
    })

    test('each mistake is found, and nothing else; Apply mends what it can', () => {
      const one = input([web])
      const cases = mistakes.map(([name, first]): Case => ({
        before: listening(),
        steps: [...steps(one, apply), { input: one, arguments: json, first }, ...(mended.includes(name) ? steps(one, apply, json) : [])],
      }))
      const results = runCases(cases)
      const found = results.map((result, index) => [mistakes[index]?.[0], wrong({ ...result, steps: result.steps.slice(0, 2) })])
      expect(found).toEqual(mistakes.map(([name, , items]) => [name, items]))
      expect(results.filter((result) => result.steps.length > 2).map(wrong)).toEqual(mended.map(() => []))
    })

    test('what would hurt is refused before anything is changed', () => {
      const results = runCases(refused.map(([, before, mode]) => ({ before, steps: steps(input([web]), mode) })))
      expect(results.map(({ steps: [step], left }) => [step?.status, step?.changes, left])).toEqual(refused.map(() => [3, 0, []]))
    })

    test('a wrong use is refused with a status of its own', () => {
      const results = runCases(wrongUses.map((mode) => ({ steps: steps(input([web]), mode) })))
      expect(results.map(({ steps: [step] }) => [step?.status, step?.changes])).toEqual(wrongUses.map(() => [2, 0]))
    })

    test('a run that is killed after any change is completed by the next, and undone without a trace', () => {
      const one = input([web, dns])
      const whole = only({ before: listening(), steps: steps(one, apply) })
      const moments = Array.from({ length: whole.steps[0]?.changes ?? 0 }, (_, limit) => limit)
      expect(moments.length).toBeGreaterThan(20)
      const killed = (limit: number): Step => ({ input: one, arguments: apply, limit })
      const undone = runCases(moments.map((limit) => ({ before: listening(), steps: [killed(limit), ...steps(one, undo)] })))
      expect(undone.flatMap(({ left }, limit) => left.map((text) => `${limit}: ${text}`))).toEqual([])
      const completed = runCases(moments.map((limit) => ({ before: listening(), steps: [killed(limit), ...steps(one, apply, check, undo)] })))
      expect(completed.map((result) => statuses(result).slice(1))).toEqual(moments.map(() => [0, 0, 0]))
      expect(completed.flatMap(({ left }, limit) => left.map((text) => `${limit}: ${text}`))).toEqual([])
    })

    test('an undo that is killed after any change is completed by the next', () => {
      const one = input([web, dns])
      const whole = only({ before: listening(), steps: steps(one, apply, undo) })
      const moments = Array.from({ length: whole.steps[1]?.changes ?? 0 }, (_, limit) => limit)
      const results = runCases(moments.map((limit) => ({ before: listening(), steps: [...steps(one, apply), { input: one, arguments: undo, limit }, ...steps(one, undo)] })))
      expect(results.flatMap(({ left }, limit) => left.map((text) => `${limit}: ${text}`))).toEqual([])
    })

    test('unusual values from before are back after an undo', () => {
      const unusual = [
        "(Get-Machine).Interfaces | ForEach-Object { $_.WeakHostReceive = 'Enabled'; $_.WeakHostSend = 'Enabled' }",
        "New-Adapter 34 'Tangent-DSR' '*msloop'; (Get-Machine).Interfaces | Where-Object { $_.InterfaceIndex -eq 34 } | ForEach-Object { $_.InterfaceMetric = '77'; $_.AutomaticMetric = 'Disabled'; $_.DadTransmits = '1' }",
        "New-Adapter 34 'Tangent-DSR' '*msloop'; (Get-Machine).Adapters[1].Bindings.ms_server = $false; (Get-Machine).Adapters[1].Dns = $false; Add-Address '10.9.0.77' 34 32 $true",
        "New-Adapter 34 'Tangent-DSR' '*msloop'; Add-Address '10.9.0.100' 34 32 $true",
        "New-NetFirewallRule -DisplayName 'Mine' -Direction Inbound -Action Allow -Profile Any -LocalAddress Any -Protocol TCP -LocalPort 80 | Out-Null",
      ]
      const results = runCases(unusual.map((before) => ({ before: `${listening()}; ${before}`, steps: steps(input([web]), apply, check, undo) })))
      expect(results.map((result) => [statuses(result), result.left])).toEqual(unusual.map(() => [[0, 0, 0], []]))
    })

    test('two scripts on a machine leave each other alone, whichever is undone first', () => {
      const [one, other] = [input([web]), input([web, dns], '10.9.0.22')]
      const before = `${listening()}; Add-Address '10.9.0.22' 12 24`
      const both = [...steps(one, apply), ...steps(other, apply)]
      const results = runCases([
        { before, steps: [...both, ...steps(one, undo), ...steps(other, check, undo)] },
        { before, steps: [...both, ...steps(other, undo), ...steps(one, check, undo)] },
      ])
      expect(results.map((result) => [statuses(result), result.left])).toEqual([[[0, 0, 0, 0, 0], []], [[0, 0, 0, 0, 0], []]])
    })

    test('a VIP that no farm uses any more goes with the next Apply', () => {
      const result = only({ before: listening(), steps: [...steps(input([web, dns]), apply), ...steps(input([web]), apply, json), ...steps(input([web]), undo)] })
      expect(result.steps[1]?.output).toContain('done: 10.9.0.101 removed from the loopback interface.')
      expect(result.steps[1]?.output).toContain('done: the former rule of the Windows firewall for 10.9.0.101/udp/53 removed.')
      expect(wrong({ ...result, steps: result.steps.slice(0, 3) })).toEqual([])
      expect(result.left).toEqual([])
    })

    test('an address that moved to another interface takes its setting along', () => {
      const moved = "New-Adapter 56 'Ethernet 3' 'pci'; (Get-Machine).Addresses | Where-Object { $_.IPAddress -eq '10.9.0.21' } | ForEach-Object { $_.InterfaceIndex = 56 }"
      const one = input([web])
      const result = only({ before: listening(), steps: [...steps(one, apply), { input: one, arguments: apply, first: moved }, ...steps(one, check, undo)] })
      expect(statuses(result)).toEqual([0, 0, 0, 0])
      expect(result.left.filter((text) => text.includes('WeakHostReceive=Enabled'))).toEqual([])
    })

    test('the report goes to the console; a console that does not take it is a failure', () => {
      const url = { Report: 'http://[fd09::10]:3000/api/v1/prep-links/abc_DEF-1' }
      const [sent, lost] = runCases([
        { before: listening(), steps: steps(input([web]), { ...apply, ...url }, { ...json, ...url }) },
        { before: `${listening()}; (Get-Machine).ConsoleAnswers = $false`, steps: steps(input([web]), { ...apply, ...url }) },
      ])
      expect(sent && statuses(sent)).toEqual([0, 0])
      expect(sent?.steps[0]?.output).toMatch(/^reported$/m)
      const [head, ...body] = sent?.reports[1]?.split('\n') ?? []
      expect(head).toBe(`Post ${url.Report} application/json`)
      expect(body.join('\n')).toBe(sent?.steps[1]?.output)
      expect(lost && statuses(lost)).toEqual([1])
      expect(lost?.steps[0]?.output).not.toMatch(/^reported$/m)
    })
  })
}
