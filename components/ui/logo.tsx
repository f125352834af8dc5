/** The mark: a circle and the line that leaves it at one point. */
export function Logo({ className = 'size-6' }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" fill="none" strokeWidth="3" strokeLinecap="round" aria-hidden className={className}>
      <rect width="32" height="32" rx="7" className="fill-accent-solid" />
      <circle cx="13.5" cy="18.5" r="6.5" stroke="#fff" />
      <path d="M7 12h19" stroke="#b9ccff" />
    </svg>
  )
}
