'use client'

import { Button } from '#components/ui/button.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { Notice } from '#components/ui/notice.tsx'

export default function PageError({ error, reset }: { error: Error; reset: () => void }) {
  if (error.name !== 'ChunkLoadError') return <FailureNotice error={error} onRetry={reset} />
  const reload = (
    <Button size="sm" onClick={() => window.location.reload()}>
      Reload
    </Button>
  )
  return (
    <Notice tone="info" title="This part of the console could not be loaded" role="alert" actions={reload}>
      The console was probably updated while this page was open.
    </Notice>
  )
}
