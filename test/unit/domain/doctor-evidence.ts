import type { BackendEvidence, DoctorAnswer, DoctorEvidence, PreparationKnown } from '#lib/domain/doctor/evidence.ts'
import type { Farm } from '#lib/domain/farm.ts'
import { vipsOf } from '#lib/domain/farm.ts'
import type { ProbeReason } from '#lib/domain/monitor.ts'

export const at = '2026-01-02T12:00:00.000Z'
export const macOf = (index: number): string => `52:54:00:00:00:1${index}`

export function answer(address: string, reason: ProbeReason | null = null, port: number | null = 80, type: DoctorAnswer['type'] = 'tcp'): DoctorAnswer {
  return { address, port, type, reason, detail: reason ?? 'Connected.' }
}

/** What the agent sees of a farm whose backends are all right, with some fields of some backends replaced. */
export function evidenceOf(farm: Farm, different: Record<string, Partial<BackendEvidence>> = {}, changes: Partial<DoctorEvidence> = {}): DoctorEvidence {
  const dsr = farm.mode === 'dsr'
  return {
    farm: farm.name,
    at,
    tookMs: 2000,
    trouble: null,
    obstacles: [],
    interface: { name: 'eth0', mac: '52:54:00:00:00:01', mtu: 1500, source: '203.0.113.2' },
    ports: { asked: [80], of: 1 },
    listeningSince: '2026-01-02T00:00:00.000Z',
    heard: [],
    backends: farm.backends.map(({ name, address }, index) => ({
      name,
      address,
      onSubnet: true,
      mac: dsr ? macOf(index) : null,
      pinned: false,
      macs: [macOf(index)],
      echo: { small: true, large: true, bytes: 1500 },
      rip: [answer(address)],
      vips: dsr ? vipsOf(farm).map((vip) => answer(vip)) : [],
      vipEchoes: dsr ? vipsOf(farm).map((vip) => ({ vip, answered: true })) : [],
      returned: { echo: dsr ? false : null, from: dsr ? '198.19.255.254' : null, packets: 0 },
      kernel: { serves: true, found: true },
      ...different[name],
    })),
    ...changes,
  }
}

/** A check of a preparation that failed at these items, an hour before the examination unless it says when. */
export function failedCheck(items: Array<{ code: string; subject?: string }>, changes: Partial<PreparationKnown> = {}): PreparationKnown {
  return { status: 'failed', reason: null, receivedAt: '2026-01-02T11:00:00.000Z', items: items.map(({ code, subject = 'eth0' }) => ({ code, subject, verdict: 'fail', text: `${code} is wrong.`, fix: `Mend ${code}.` })), open: [], changes: [], ...changes }
}
