import type { ReactNode } from 'react'
import { CircleCheck, Info, OctagonAlert, TriangleAlert, type LucideIcon } from 'lucide-react'

const looks = {
  info: { icon: Info, box: 'border-accent/30 bg-accent-soft', ink: 'text-accent' },
  ok: { icon: CircleCheck, box: 'border-ok/30 bg-ok-soft', ink: 'text-ok' },
  warning: { icon: TriangleAlert, box: 'border-warn/35 bg-warn-soft', ink: 'text-warn' },
  danger: { icon: OctagonAlert, box: 'border-danger/35 bg-danger-soft', ink: 'text-danger' },
} as const satisfies Record<string, { icon: LucideIcon; box: string; ink: string }>

export type NoticeTone = keyof typeof looks

type Props = { tone: NoticeTone; title: string; children?: ReactNode; actions?: ReactNode; role?: 'alert' | 'status' }

/** A message in its place: icon, words, and what can be done. */
export function Notice({ tone, title, children, actions, role }: Props) {
  const { icon: Icon, box, ink } = looks[tone]
  return (
    <div role={role} className={`flex flex-wrap items-start gap-x-3 gap-y-2 rounded-lg border px-3.5 py-2.5 text-sm ${box}`}>
      <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${ink}`} />
      <div className="min-w-0 grow basis-60">
        <p className="font-medium text-ink">{title}</p>
        {children ? <div className="mt-0.5 text-ink-soft">{children}</div> : null}
      </div>
      {actions ? <div className="flex flex-wrap gap-2">{actions}</div> : null}
    </div>
  )
}
