import type { Handover } from '#lib/domain/status.ts'
import { Card } from '#components/ui/card.tsx'
import { handoverTitle, ownerText, sortedOwners } from './handover-words.ts'

/** What a change of the pool left under way: connections that stay where they are until they end. */
export function HandoverCard({ handover }: { handover: Handover }) {
  const owners = sortedOwners(handover)
  return (
    <Card title={handoverTitle(handover)} description="Connections that began before the change stay on their backend until they end or the handover does; new ones go by the new pool.">
      {owners.length === 0 ? (
        <p className="text-sm text-ink-soft">No old connection has shown itself.</p>
      ) : (
        <ul className="nums space-y-1 text-sm text-ink">
          {owners.map((owner, index) => (
            <li key={owner.backend ?? index}>{ownerText(owner)}</li>
          ))}
        </ul>
      )}
    </Card>
  )
}
