import type { ChangeReply } from '#lib/domain/replies.ts'

/** What to say after a farm was saved: whether it is in the kernel, and what to do next. */
export function savedWords({ farm, pending, generation }: ChangeReply, name: string, created: boolean): { tone: 'ok' | 'warning'; title: string; detail?: string } {
  const what = created ? `Farm ${name} was created` : `Farm ${name} was saved`
  if (pending) return { tone: 'warning', title: what, detail: `It is not applied yet (generation ${generation}). It will be, without you doing anything.` }
  if (created && farm?.mode === 'dsr') return { tone: 'ok', title: `${what} and applied`, detail: 'Now prepare its backends, so that they accept the VIP.' }
  return { tone: 'ok', title: `${what} and applied` }
}
