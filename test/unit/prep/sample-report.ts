import type { CheckItem } from '#lib/prep/finding.ts'
import type { PrepReport, ReportSystem } from '#lib/prep/report.ts'

export const item: CheckItem = { code: 'vip-on-lo', subject: '203.0.113.7', verdict: 'ok', found: '' }

/** A report in which everything is right, of a backend 203.0.113.21 that serves 203.0.113.7 on port 80. */
export function report(different: Partial<PrepReport> = {}): PrepReport {
  const plain = {
    format: 'tangent-backend-check' as const,
    version: 1 as const,
    system: 'linux' as const,
    backend: '203.0.113.21',
    checkedAt: '2026-01-01T00:00:00Z',
    vips: ['203.0.113.7'],
    services: ['203.0.113.7/tcp/80'],
    ...different,
  }
  return { ...plain, items: different.items ?? rightItems(plain) }
}

/** Everything that must be looked at, and all of it right. */
export function rightItems({ system, backend, vips, services }: Pick<PrepReport, 'system' | 'backend' | 'vips' | 'services'>): CheckItem[] {
  const ok = (code: string, subjects: string[]): CheckItem[] => subjects.map((subject) => ({ code, subject, verdict: 'ok', found: subject }))
  const own: Record<ReportSystem, CheckItem[]> = {
    'linux': [...ok('vip-on-lo', vips), ...ok('arp-ignore', ['all interfaces']), ...ok('arp-announce', ['all interfaces']), ...ok('persistence', ['tangent-backend'])],
    'linux-redirect': [...ok('redirect-rule', services), ...ok('persistence', ['tangent-redirect'])],
    'windows-powershell': [...['adapter', 'weak-host-receive', 'weak-host-send'].flatMap((code) => ok(code, ['Tangent-DSR'])), ...ok('vip-on-loopback', vips), ...ok('persistence', vips)],
  }
  return [...ok('address', [backend]), ...own[system], ...ok('listener', services), ...ok('firewall', services)]
}

/** A report as a script prints it: one item a line. */
export function printed({ items, ...rest }: PrepReport): string {
  return `${JSON.stringify(rest).slice(0, -1)},\n"items":[\n${items.map((item) => JSON.stringify(item)).join(',\n')}\n]}\n`
}
