import { Check, Minus } from 'lucide-react'
import type { Backend } from '#lib/domain/farm.ts'
import type { BackendStatus } from '#lib/domain/status.ts'

/** Address and port of a backend; IPv6 in brackets before a port. */
export function addressText({ address, port }: Backend): string {
  if (port === null) return address
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** Whether the kernel sends it new clients now. */
export function ActiveMark({ seen }: { seen: BackendStatus | null }) {
  if (seen === null || seen.status === 'unmonitored') return <span className="text-ink-faint">not known</span>
  const Icon = seen.active ? Check : Minus
  return (
    <span className={`inline-flex items-center gap-1.5 align-middle ${seen.active ? 'text-ink' : 'text-ink-faint'}`}>
      <Icon aria-hidden className={`size-4 ${seen.active ? 'text-ok' : ''}`} />
      {seen.active ? 'Yes' : 'No'}
    </span>
  )
}

/** The MAC address in use, or the one that was fixed. Only DSR needs one. */
export function MacText({ backend, seen, needed }: { backend: Backend; seen: BackendStatus | null; needed: boolean }) {
  const mac = seen?.mac ?? backend.mac
  if (mac === null) return <span className="font-sans text-ink-faint">{needed ? 'not known' : 'not needed'}</span>
  return (
    <>
      {mac}
      {backend.mac !== null ? <span className="ml-1.5 font-sans text-ink-faint">fixed</span> : null}
    </>
  )
}
