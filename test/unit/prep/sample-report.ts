import type { CheckItem } from '#lib/prep/finding.ts'
import type { PrepReport } from '#lib/prep/report.ts'

export const item: CheckItem = { code: 'vip-on-lo', subject: '203.0.113.7', verdict: 'ok', found: '' }

/** A report in which everything is right, of a backend 203.0.113.21 that serves 203.0.113.7 on port 80. */
export function report(different: Partial<PrepReport> = {}): PrepReport {
  return {
    format: 'tangent-backend-check',
    version: 1,
    system: 'linux',
    backend: '203.0.113.21',
    checkedAt: '2026-01-01T00:00:00Z',
    vips: ['203.0.113.7'],
    services: ['203.0.113.7/tcp/80'],
    items: [item, { code: 'arp-ignore', subject: 'all interfaces', verdict: 'ok', found: '1 or 2' }],
    ...different,
  }
}

/** A report as a script prints it: one item a line. */
export function printed({ items, ...rest }: PrepReport): string {
  return `${JSON.stringify(rest).slice(0, -1)},\n"items":[\n${items.map((item) => JSON.stringify(item)).join(',\n')}\n]}\n`
}
