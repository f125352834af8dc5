import { Droplets, Pause, Play } from 'lucide-react'
import type { AdminState, Backend } from '#lib/domain/farm.ts'
import { Button } from '#components/ui/button.tsx'
import { whyNot } from './backend-can.ts'
import type { Wanted } from './use-admin-state.ts'

const choices = [
  { adminState: 'enabled', label: 'Enable', icon: Play },
  { adminState: 'draining', label: 'Drain', icon: Droplets },
  { adminState: 'disabled', label: 'Disable', icon: Pause },
] as const satisfies ReadonlyArray<{ adminState: AdminState; label: string; icon: typeof Play }>

/** Enable, drain and disable one backend; a button that cannot be used now says why. */
export function AdminStateButtons({ backend, running, onChange }: { backend: Backend; running: Wanted | null; onChange: (wanted: Wanted) => void }) {
  return (
    <div role="group" aria-label={`Admin state of ${backend.name}`} className="flex flex-wrap gap-1 xl:flex-nowrap xl:justify-end">
      {choices.map(({ adminState, label, icon: Icon }) => (
        <Button
          key={adminState}
          size="sm"
          icon={<Icon aria-hidden className="size-3.5" />}
          aria-label={`${label} ${backend.name}`}
          busy={running?.backend === backend.name && running.adminState === adminState}
          disabledReason={running ? null : whyNot(backend, adminState)}
          onClick={() => onChange({ backend: backend.name, adminState })}
        >
          {label}
        </Button>
      ))}
    </div>
  )
}
