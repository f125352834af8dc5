import { CircleCheck, CircleDashed, CircleOff, CirclePause, CircleX, Droplets, TriangleAlert, type LucideIcon } from 'lucide-react'
import type { Status } from '#lib/domain/status.ts'

const looks: Record<Status, { icon: LucideIcon; word: string; ink: string; box: string }> = {
  online: { icon: CircleCheck, word: 'Online', ink: 'text-ok', box: 'bg-ok-soft' },
  degraded: { icon: TriangleAlert, word: 'Degraded', ink: 'text-warn', box: 'bg-warn-soft' },
  draining: { icon: Droplets, word: 'Draining', ink: 'text-drain', box: 'bg-drain-soft' },
  standby: { icon: CirclePause, word: 'Standby', ink: 'text-ink-soft', box: 'bg-sunken' },
  offline: { icon: CircleOff, word: 'Offline', ink: 'text-ink-faint', box: 'bg-sunken' },
  error: { icon: CircleX, word: 'Error', ink: 'text-danger', box: 'bg-danger-soft' },
  unmonitored: { icon: CircleDashed, word: 'Unknown', ink: 'text-ink-faint', box: 'bg-sunken' },
}

/** A status in three ways at once: shape, word and colour. */
export function StatusLabel({ status, badge = false }: { status: Status; badge?: boolean }) {
  const { icon: Icon, word, ink, box } = looks[status]
  return (
    <span className={`inline-flex items-center gap-1.5 align-middle text-sm font-medium whitespace-nowrap ${ink} ${badge ? `rounded-full px-2.5 py-0.5 ${box}` : ''}`}>
      <Icon aria-hidden className="size-4 shrink-0" />
      {word}
    </span>
  )
}

/** The word for a status, for texts and labels. */
export function statusWord(status: Status): string {
  return looks[status].word
}
