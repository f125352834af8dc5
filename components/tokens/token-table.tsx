import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { deleteToken } from '#lib/client/changes.ts'
import { keys } from '#lib/client/queries.ts'
import type { Token } from '#lib/domain/replies.ts'
import { useAnnounce } from '#components/ui/announcements.tsx'
import { Button } from '#components/ui/button.tsx'
import { Dialog } from '#components/ui/dialog.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { Cell, Table } from '#components/ui/table.tsx'
import { Time } from '#components/ui/time.tsx'
import { scopeWords } from './scope-words.ts'

const columns = [{ label: 'Name' }, { label: 'Scope' }, { label: 'Created' }, { label: 'Expires' }, { label: 'Last used' }, { label: 'Actions', hidden: true }]

export function TokenTable({ tokens }: { tokens: readonly Token[] }) {
  const [revoking, setRevoking] = useState<string | null>(null)
  return (
    <>
      <Table label="Tokens" columns={columns}>
        {tokens.map(({ name, scope, createdAt, expiresAt, lastUsedAt }) => (
          <tr key={name}>
            <Cell header className="font-medium">
              {name}
            </Cell>
            <Cell>
              <span title={scopeWords[scope].help}>{scopeWords[scope].label}</span>
            </Cell>
            <Cell className="text-ink-soft">
              <Time iso={createdAt} />
            </Cell>
            <Cell className="text-ink-soft">
              <Expiry iso={expiresAt} />
            </Cell>
            <Cell className="text-ink-soft">{lastUsedAt ? <Time iso={lastUsedAt} /> : 'never'}</Cell>
            <Cell className="text-right">
              <Button size="sm" aria-label={`Revoke ${name}`} onClick={() => setRevoking(name)}>
                Revoke
              </Button>
            </Cell>
          </tr>
        ))}
      </Table>
      <RevokeDialog name={revoking} onClose={() => setRevoking(null)} />
    </>
  )
}

function Expiry({ iso }: { iso: string | null }) {
  const [now] = useState(Date.now)
  if (iso === null) return 'never'
  if (Date.parse(iso) > now) return <Time iso={iso} />
  return (
    <span className="text-danger">
      expired <Time iso={iso} />
    </span>
  )
}

function RevokeDialog({ name, onClose }: { name: string | null; onClose: () => void }) {
  const client = useQueryClient()
  const announce = useAnnounce()
  const revoke = useMutation({
    mutationFn: deleteToken,
    onSuccess: async (_, revoked) => {
      announce({ tone: 'ok', title: `Token ${revoked} was revoked` })
      onClose()
      await client.invalidateQueries({ queryKey: keys.tokens })
    },
  })
  const footer = (
    <>
      <Button onClick={onClose}>Cancel</Button>
      <Button tone="danger" busy={revoke.isPending} onClick={() => (name === null ? undefined : revoke.mutate(name))}>
        Revoke token
      </Button>
    </>
  )
  return (
    <Dialog open={name !== null} onClose={onClose} title={`Revoke ${name ?? ''}?`} description="Programs that use this token are refused from now on. This cannot be undone." footer={footer}>
      {revoke.error ? <FailureNotice error={revoke.error} /> : null}
    </Dialog>
  )
}
