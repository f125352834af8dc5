import { Droplets, Pause, Play, type LucideIcon } from 'lucide-react'
import type { AdminState } from '#lib/domain/farm.ts'

const looks: Record<AdminState, { icon: LucideIcon; word: string; ink: string }> = {
  enabled: { icon: Play, word: 'Enabled', ink: 'text-ink' },
  draining: { icon: Droplets, word: 'Draining', ink: 'text-drain' },
  disabled: { icon: Pause, word: 'Disabled', ink: 'text-ink-faint' },
}

/** What the operator wants, told apart from what is. */
export function AdminStateLabel({ adminState }: { adminState: AdminState }) {
  const { icon: Icon, word, ink } = looks[adminState]
  return (
    <span className={`inline-flex items-center gap-1.5 align-middle text-sm whitespace-nowrap ${ink}`}>
      <Icon aria-hidden className="size-3.5 shrink-0" />
      {word}
    </span>
  )
}
