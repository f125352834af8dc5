import { spreadOf } from '#lib/domain/health.ts'
import type { Monitor, ProbeType } from '#lib/domain/monitor.ts'

type Explained = { label: string; help: string }

export const typeWords: Record<ProbeType, Explained> = {
  tcp: { label: 'TCP connection', help: 'A connection is opened and closed: something listens on the port.' },
  http: { label: 'HTTP request', help: 'A page is asked for; status and text of the answer are looked at.' },
  https: { label: 'HTTPS request', help: 'A page is asked for over TLS; status and text of the answer are looked at.' },
  dns: { label: 'DNS question', help: 'A question over UDP must be answered without an error.' },
  udp: { label: 'UDP datagram', help: 'A datagram is sent and must be answered.' },
  icmp: { label: 'ICMP echo (ping)', help: 'The machine answers. This says nothing about the service on it.' },
  arp: { label: 'ARP or neighbour question', help: 'The machine is on the network. This says nothing about its service, and nothing about the VIP.' },
}

export const pathsWords: Record<Monitor['paths'], Explained> = {
  both: { label: 'Own address and VIP', help: 'A backend must answer at its own address and, asked through it in the frames of clients, at every VIP. A VIP that is missing on its loopback shows in no other way.' },
  rip: { label: 'Own address only', help: 'The VIP is asked and shown, and does not count: a backend without the VIP on its loopback gets clients and loses them.' },
  vip: { label: 'VIP only', help: 'What clients get decides. The own address is asked and shown, and does not count.' },
}

export const allUnhealthyWords = {
  keep: { label: 'Keep the last ones', help: 'Those that failed last stay in use: when the health check is wrong and not the backends, clients notice nothing.' },
  eject: { label: 'Eject them all', help: 'Nobody is in use: clients are refused at once and can go elsewhere.' },
} as const satisfies Record<string, Explained>

/** Every field of a health check in one line. */
export function monitorText(monitor: Monitor | null): string {
  if (!monitor) return 'none'
  const { paths, interval, timeout, rise, fall } = monitor
  const port = 'port' in monitor ? [monitor.port === null ? 'first port of the farm' : `port ${monitor.port}`] : []
  return [...questionOf(monitor), ...port, pathsWords[paths].label.toLowerCase().replace('vip', 'VIP'), `every ${secondsText(interval)}, timeout ${secondsText(timeout)}`, `back after ${rise}, out after ${fall}`].join(' · ')
}

function questionOf(monitor: Monitor): string[] {
  const { label } = typeWords[monitor.type]
  if ('path' in monitor) {
    const { path, host, statuses, body } = monitor
    const certificate = 'verify' in monitor ? [monitor.verify ? 'valid certificate' : 'any certificate'] : []
    return [`${label} for ${path}`, ...(host === null ? [] : [`host ${host}`]), `status ${statuses.join(', ')}`, ...held(body), ...certificate]
  }
  if (monitor.type === 'dns') return [`${label} ${monitor.name} ${monitor.record}`, ...held(monitor.answer)]
  if (monitor.type === 'udp') return [`${label} ${JSON.stringify(monitor.send)}`, ...held(monitor.expect)]
  return [label]
}

function held(text: string | null): string[] {
  return text === null ? [] : [`the answer holds ${JSON.stringify(text)}`]
}

type Times = Pick<Monitor, 'interval' | 'timeout' | 'rise' | 'fall'>

/** When a backend goes and comes; null as long as the numbers are none. */
export function timesText(times: Times): string | null {
  const [out, back] = [spreadOf(times) / 1000, times.rise * times.interval]
  if (!Number.isFinite(out + back)) return null
  return `A backend is out after about ${secondsText(out)} without an answer, and back after about ${secondsText(back)} of answers.`
}

/** Seconds as they are typed, without the dust of a multiplication: `0.5 s`. */
export function secondsText(seconds: number): string {
  return `${Math.round(seconds * 100) / 100}\u00a0s`
}
