/** Stands for a value that nobody knows now. */
export function NotKnown() {
  return (
    <span className="text-ink-faint">
      <span aria-hidden>–</span>
      <span className="sr-only">not known</span>
    </span>
  )
}
