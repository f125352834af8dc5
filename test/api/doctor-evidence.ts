import type { BackendEvidence, DoctorEvidence, DoctorRequest } from '#lib/domain/doctor/evidence.ts'
import type { Backend, Farm } from '#lib/domain/farm.ts'

/** What an agent sees of a farm where everything is right. */
export function evidenceOf(farm: Farm, { backends }: DoctorRequest): DoctorEvidence {
  const at = new Date().toISOString()
  return {
    farm: farm.name,
    at,
    tookMs: 2000,
    trouble: null,
    obstacles: [],
    interface: { name: 'eth0', mac: '52:54:00:00:00:01', mtu: 1500, source: '203.0.113.1' },
    ports: { asked: [80], of: 1 },
    listeningSince: at,
    heard: [],
    backends: farm.backends.filter(({ name }) => backends === null || backends.includes(name)).map((backend) => wellOf(farm, backend)),
  }
}

function wellOf(farm: Farm, { name, address }: Backend): BackendEvidence {
  const mac = '52:54:00:00:00:aa'
  const answer = (asked: string) => ({ address: asked, port: 80, type: 'tcp' as const, reason: null, detail: 'It answered.' })
  return {
    name,
    address,
    onSubnet: true,
    mac,
    pinned: false,
    macs: [mac],
    echo: { small: true, large: true, bytes: 1500 },
    rip: [answer(address)],
    vips: [answer(farm.vip)],
    vipEchoes: [{ vip: farm.vip, answered: true }],
    returned: { echo: false, from: '198.18.0.1', packets: 0 },
    kernel: { serves: true, found: true },
  }
}
