'use client'

import { FailureNotice } from '#components/ui/failure-notice.tsx'

export default function PageError({ error, reset }: { error: Error; reset: () => void }) {
  return <FailureNotice error={error} onRetry={reset} />
}
