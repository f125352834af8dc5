import type { Plan } from '#lib/domain/plan.ts'
import { Button } from '#components/ui/button.tsx'
import { Dialog } from '#components/ui/dialog.tsx'
import { PlanSteps } from './plan-steps.tsx'

type Props = { title: string; plan: Plan | null; confirm: string; busy: boolean; onConfirm: () => void; onClose: () => void }

/** Asks before a change that live connections will notice; open as long as there is a plan. */
export function PlanDialog({ title, plan, confirm, busy, onConfirm, onClose }: Props) {
  const footer = (
    <>
      <Button onClick={onClose}>Cancel</Button>
      <Button tone="primary" busy={busy} onClick={onConfirm}>
        {confirm}
      </Button>
    </>
  )
  return (
    <Dialog open={plan !== null} onClose={onClose} title={title} description="Live connections will notice this change. Nothing has been saved yet." footer={footer}>
      {plan ? <PlanSteps plan={plan} /> : null}
    </Dialog>
  )
}
