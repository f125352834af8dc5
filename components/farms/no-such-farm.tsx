import Link from 'next/link'
import { Server } from 'lucide-react'
import { places } from '#components/places.ts'
import { buttonLook } from '#components/ui/button.tsx'
import { Card } from '#components/ui/card.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'

export function NoSuchFarm({ farm }: { farm: string }) {
  const action = (
    <Link href={places.farms} className={buttonLook()}>
      All farms
    </Link>
  )
  return (
    <Card>
      <EmptyState icon={<Server aria-hidden className="size-5" />} title="There is no such farm" action={action}>
        No farm is called {farm}. It may have been deleted; the history has it then.
      </EmptyState>
    </Card>
  )
}
