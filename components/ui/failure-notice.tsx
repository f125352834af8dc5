import type { ReactNode } from 'react'
import { toFailure } from '#lib/client/failure.ts'
import { Button } from './button.tsx'
import { Notice } from './notice.tsx'

/** Shows why a request did not succeed, with a way to try again where there is one. */
export function FailureNotice({ error, onRetry, children }: { error: unknown; onRetry?: () => void; children?: ReactNode }) {
  const { status, title, detail, errors, requestId } = toFailure(error)
  const retry = onRetry ? (
    <Button size="sm" onClick={onRetry}>
      Try again
    </Button>
  ) : null
  return (
    <Notice tone="danger" title={title} role="alert" actions={retry}>
      {detail && detail !== title ? <p>{detail}</p> : null}
      {errors.map((problem) => (
        <p key={`${problem.pointer} ${problem.code}`}>
          {problem.message} {problem.hint}
        </p>
      ))}
      {requestId && status >= 500 ? <p className="text-xs [overflow-wrap:anywhere]">Look for {requestId.replace('urn:uuid:', '')} in the log of the console.</p> : null}
      {children}
    </Notice>
  )
}
