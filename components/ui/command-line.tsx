import { Check, Copy } from 'lucide-react'
import { useCopied } from './use-copied.ts'
import { IconButton } from './icon-button.tsx'

/** One command to copy and run. */
export function CommandLine({ label, command }: { label: string; command: string }) {
  const { state, copy } = useCopied(command)
  const Icon = state === 'copied' ? Check : Copy
  return (
    <div>
      <p className="mb-1 text-xs font-medium text-ink-soft">{label}</p>
      <div className="flex items-start rounded-md border border-line bg-sunken">
        <code className="min-w-0 grow px-2.5 py-1.5 font-mono text-xs [overflow-wrap:anywhere] whitespace-pre-wrap">{command}</code>
        <IconButton label={state === 'copied' ? 'Copied' : `Copy: ${label}`} icon={<Icon aria-hidden className="size-3.5" />} onClick={() => void copy()} className="!size-7" />
      </div>
    </div>
  )
}
