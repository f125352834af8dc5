import type { Farm } from '#lib/domain/farm.ts'
import type { ChangeReply } from '#lib/domain/replies.ts'
import { places } from '#components/places.ts'
import { prepAfterSave } from '#components/prep/after-save.ts'
import type { Announcement } from '#components/ui/announcements.tsx'

/** What to say after a farm was saved: whether it is in the kernel, and what to do next. `before` is null when it was created. */
export function savedWords({ farm, pending, generation }: ChangeReply, name: string, before: Farm | null): Announcement {
  const what = before ? `Farm ${name} was saved` : `Farm ${name} was created`
  const kept = pending ? `It is not applied yet (generation ${generation}). It will be, without you doing anything.` : null
  const prep = before && farm ? prepAfterSave(before, farm) : null
  const detail = [kept, prep].filter((sentence) => sentence !== null).join(' ')
  return {
    tone: pending || prep ? 'warning' : 'ok',
    title: pending ? what : `${what} and applied`,
    ...(detail ? { detail } : {}),
    ...(prep ? { link: { label: 'Prepare backends', href: places.prepare(name) } } : {}),
  }
}

/** Where to go after a farm was saved: a new one in mode dsr serves nobody before its backends are prepared. */
export function afterSaving({ farm }: ChangeReply, name: string, before: Farm | null): string {
  return before === null && farm?.mode === 'dsr' && farm.backends.length > 0 ? places.prepare(name) : places.farm(name)
}
