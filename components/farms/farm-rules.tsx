import { useQuery } from '@tanstack/react-query'
import { nftlbQuery, rulesetQuery } from '#lib/client/queries.ts'
import { CodeBlock } from '#components/ui/code-block.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'

/** The farm as a stock nftlb takes it, with what it would do otherwise there, and what the kernel has. */
export function FarmRules({ farm }: { farm: string }) {
  const nftlb = useQuery(nftlbQuery(farm))
  const ruleset = useQuery(rulesetQuery(farm))
  return (
    <div className="grid gap-4 xl:grid-cols-2">
      <section aria-label="Export for nftlb" className="min-w-0 space-y-2">
        <p className="text-sm text-ink-soft">The farm as a stock nftlb loads it.</p>
        {nftlb.data && nftlb.data.notes.length > 0 ? (
          <ul aria-label="What nftlb does otherwise" className="list-disc space-y-1 pl-5 text-sm text-ink-soft">
            {nftlb.data.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        ) : null}
        {nftlb.data ? <CodeBlock label="nftlb JSON" text={JSON.stringify({ farms: nftlb.data.farms }, null, 2)} tall /> : nftlb.error ? <FailureNotice error={nftlb.error} onRetry={() => void nftlb.refetch()} /> : <Skeleton className="h-96 w-full" />}
      </section>
      <section aria-label="Kernel rules" className="min-w-0 space-y-2">
        <p className="text-sm text-ink-soft">What the kernel has for this farm now. Maps are in short, as comments.</p>
        {ruleset.data !== undefined ? (
          <CodeBlock label="Kernel ruleset" text={ruleset.data || '(the kernel has no rules of this farm)'} tall />
        ) : ruleset.error ? (
          <FailureNotice error={ruleset.error} onRetry={() => void ruleset.refetch()} />
        ) : (
          <Skeleton className="h-96 w-full" />
        )}
      </section>
    </div>
  )
}
