'use client'

import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { KeyRound, Plus } from 'lucide-react'
import { tokensQuery } from '#lib/client/queries.ts'
import { Button } from '#components/ui/button.tsx'
import { Card } from '#components/ui/card.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { SkeletonRows } from '#components/ui/skeleton.tsx'
import { CreateTokenDialog } from './create-token-dialog.tsx'
import { TokenTable } from './token-table.tsx'

/** Tokens for scripts and other programs: made, listed, revoked. */
export function TokensPage() {
  const { data: tokens, error, refetch } = useQuery(tokensQuery)
  const [creating, setCreating] = useState(false)
  const create = (
    <Button tone="primary" icon={<Plus aria-hidden className="size-4" />} onClick={() => setCreating(true)}>
      New token
    </Button>
  )
  return (
    <>
      <PageHeader title="Tokens" description="They let scripts and other programs use the REST API, with no more rights than they need." actions={create} />
      {error && !tokens ? (
        <FailureNotice error={error} onRetry={() => void refetch()} />
      ) : (
        <Card flush>
          {!tokens ? (
            <SkeletonRows rows={3} />
          ) : tokens.length === 0 ? (
            <EmptyState icon={<KeyRound aria-hidden className="size-5" />} title="No tokens yet">
              Make one for each program that uses the API, so that you can revoke it alone.
            </EmptyState>
          ) : (
            <TokenTable tokens={tokens} />
          )}
        </Card>
      )}
      <CreateTokenDialog open={creating} onClose={() => setCreating(false)} />
    </>
  )
}
