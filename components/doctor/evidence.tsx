import { Time } from '#components/ui/time.tsx'

const moment = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/

/** What was seen, in words; its moments in the reader's own time zone. */
export function Evidence({ text }: { text: string }) {
  return text.split(moment).map((part, index) => (index % 2 === 1 ? <Time key={index} iso={part} /> : part))
}
