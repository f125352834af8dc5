/** Holds the place of what is being loaded, so that nothing moves when it comes. */
export function Skeleton({ className = '' }: { className?: string }) {
  return <span aria-hidden className={`block animate-pulse rounded-md bg-sunken ${className}`} />
}

/** Rows of a list that is being loaded. */
export function SkeletonRows({ rows = 5 }: { rows?: number }) {
  return (
    <div role="status" aria-label="Loading" className="divide-y divide-line">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="flex items-center gap-6 px-4 py-2.5">
          <Skeleton className="h-4 w-32" />
          <Skeleton className="h-4 w-20" />
          <Skeleton className="hidden h-4 w-40 sm:block" />
          <Skeleton className="hidden h-4 grow md:block" />
        </div>
      ))}
    </div>
  )
}
