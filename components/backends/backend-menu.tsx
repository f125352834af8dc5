import { useRouter } from 'next/navigation'
import { Activity, Ellipsis, Stethoscope, Wrench } from 'lucide-react'
import { places } from '#components/places.ts'
import { IconButton } from '#components/ui/icon-button.tsx'
import { Menu, MenuItem } from '#components/ui/menu.tsx'

type Props = { farm: string; backend: string; prepared: boolean; onExamine: (backend: string) => void }

/** What else can be done with one backend; `prepared`: whether its farm needs it to be. */
export function BackendMenu({ farm, backend, prepared, onExamine }: Props) {
  const router = useRouter()
  return (
    <Menu trigger={<IconButton label={`More for ${backend}`} icon={<Ellipsis aria-hidden className="size-4" />} className="!size-7" />}>
      <MenuItem icon={<Stethoscope aria-hidden className="size-4 text-ink-faint" />} onSelect={() => onExamine(backend)}>
        Examine {backend}
      </MenuItem>
      <MenuItem icon={<Activity aria-hidden className="size-4 text-ink-faint" />} onSelect={() => router.push(places.events(farm, backend))}>
        Events of {backend}
      </MenuItem>
      {prepared ? (
        <MenuItem icon={<Wrench aria-hidden className="size-4 text-ink-faint" />} onSelect={() => router.push(places.prepare(farm, backend))}>
          Prepare {backend}
        </MenuItem>
      ) : null}
    </Menu>
  )
}
