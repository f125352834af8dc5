import type { PrepReply } from '#lib/prep/prep.ts'
import { Card } from '#components/ui/card.tsx'
import { CodeBlock } from '#components/ui/code-block.tsx'
import { CommandLine } from '#components/ui/command-line.tsx'
import { Disclosure } from '#components/ui/disclosure.tsx'

/** Everything about one script that someone wants to know before running it as an administrator. */
export function PrepDetails({ script }: { script: PrepReply }) {
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <Card title="What it changes" flush>
        <ol className="divide-y divide-line">
          {script.changes.map(({ what, why }) => (
            <li key={what} className="px-4 py-2.5 text-sm">
              <p className="font-medium [overflow-wrap:anywhere] text-ink">{what}</p>
              <p className="text-ink-soft">{why}</p>
            </li>
          ))}
        </ol>
      </Card>
      <Card title="How to take it back" description="As administrator, where it was applied">
        <CommandLine label="Undo" command={script.commands.undo} />
      </Card>
      <div className="min-w-0 lg:col-span-2">
        <Disclosure key={script.filename} title={`Read ${script.filename}`}>
          <CodeBlock label={script.filename} text={script.text} lineNumbers tall />
        </Disclosure>
      </div>
    </div>
  )
}
