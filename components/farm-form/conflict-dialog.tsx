import type { Farm } from '#lib/domain/farm.ts'
import { ChangeTable } from '#components/farms/change-table.tsx'
import { farmChanges } from '#components/farms/farm-changes.ts'
import { Button } from '#components/ui/button.tsx'
import { Dialog } from '#components/ui/dialog.tsx'
import type { Conflict } from './use-save-farm.ts'

type Props = { conflict: Conflict | null; mine: Farm | null; onKeepMine: () => void; onTakeTheirs: () => void; onClose: () => void }

/** Two people edited the same farm: shows both versions and lets the second one choose. Closing it keeps what was typed. */
export function ConflictDialog({ conflict, mine, onKeepMine, onTakeTheirs, onClose }: Props) {
  const theirs = conflict?.theirs?.farm ?? null
  const changes = mine && theirs ? farmChanges(theirs, mine) : []
  const deleted = conflict !== null && conflict.theirs === null
  const footer = (
    <>
      <Button onClick={onClose}>Go on editing</Button>
      {deleted ? null : <Button onClick={onTakeTheirs}>Take theirs, drop mine</Button>}
      <Button tone="primary" onClick={onKeepMine} disabledReason={mine ? null : 'Put right what is marked in the form first.'}>
        {deleted ? 'Create it again' : 'Save mine over theirs'}
      </Button>
    </>
  )
  return (
    <Dialog
      wide
      open={conflict !== null}
      onClose={onClose}
      title={deleted ? 'Someone else deleted this farm' : 'Someone else changed this farm'}
      description={deleted ? 'It is gone since you opened it. What you typed is still here.' : 'It was saved by someone else since you opened it. Nothing of yours is lost, and nothing of yours is saved yet.'}
      footer={footer}
    >
      {deleted ? null : changes.length > 0 ? <ChangeTable label="Differences" changes={changes} before="Saved now (theirs)" after="In your form (mine)" /> : <p className="text-sm text-ink-soft">Both versions say the same.</p>}
    </Dialog>
  )
}
