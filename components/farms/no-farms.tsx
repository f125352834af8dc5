import Link from 'next/link'
import { Plus, Server } from 'lucide-react'
import { places } from '#components/places.ts'
import { buttonLook } from '#components/ui/button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'

/** Where the farms will be, on the first day. */
export function NoFarms() {
  const action = (
    <Link href={places.newFarm} className={buttonLook('primary')}>
      <Plus aria-hidden className="size-4" />
      Create the first farm
    </Link>
  )
  return (
    <EmptyState icon={<Server aria-hidden className="size-5" />} title="No farms yet" action={action}>
      A farm is one service: the address and ports that clients use, and the backends that answer. Create one, then prepare its backends with the scripts that are made for it.
    </EmptyState>
  )
}
