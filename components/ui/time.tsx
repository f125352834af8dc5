const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

/** A moment in the reader's own words and time zone; the exact one is in the title. Only for what is rendered in the browser. */
export function Time({ iso }: { iso: string }) {
  return (
    <time dateTime={iso} title={iso} className="nums whitespace-nowrap">
      {full.format(new Date(iso))}
    </time>
  )
}
