import type { TokenScope } from '#lib/domain/replies.ts'

export const scopeWords: Record<TokenScope, { label: string; help: string }> = {
  read: { label: 'Read', help: 'See everything, change nothing.' },
  operate: { label: 'Operate', help: 'Read, and enable, drain or disable backends.' },
  write: { label: 'Write', help: 'Operate, and create, change and delete farms.' },
  admin: { label: 'Admin', help: 'Write, and make and revoke tokens.' },
}
