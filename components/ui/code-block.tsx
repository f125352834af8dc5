import type { ReactNode } from 'react'
import { CopyButton } from './copy-button.tsx'

type Props = { label: string; text: string; lineNumbers?: boolean; actions?: ReactNode; tall?: boolean }

/** A text to be read and copied as it is, with line numbers that are not copied along. */
export function CodeBlock({ label, text, lineNumbers = false, actions, tall = false }: Props) {
  const lines = text.replace(/\n$/, '').split('\n')
  const width = `${String(lines.length).length}ch`
  return (
    <figure className="min-w-0 overflow-hidden rounded-lg border border-line">
      <figcaption className="flex flex-wrap items-center justify-between gap-2 border-b border-line bg-sunken px-3 py-1.5">
        <span className="min-w-0 truncate text-xs font-medium text-ink-soft">{label}</span>
        <span className="flex gap-2">
          <CopyButton text={text} size="sm" />
          {actions}
        </span>
      </figcaption>
      <pre tabIndex={0} role="region" aria-label={label} className={`overflow-auto bg-surface px-3 py-2 font-mono text-xs leading-5 text-ink focus-visible:outline-offset-[-2px] ${tall ? 'max-h-[44rem]' : 'max-h-96'}`}>
        {lineNumbers
          ? lines.map((line, index) => (
              <span key={index} className="flex">
                <span aria-hidden className="mr-4 shrink-0 text-right text-ink-faint select-none" style={{ width }}>
                  {index + 1}
                </span>
                <span>{line || ' '}</span>
              </span>
            ))
          : text}
      </pre>
    </figure>
  )
}
