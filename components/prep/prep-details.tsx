import { Download } from 'lucide-react'
import { urls } from '#lib/client/urls.ts'
import type { PrepReply } from '#lib/prep/prep.ts'
import { buttonLook } from '#components/ui/button.tsx'
import { Card } from '#components/ui/card.tsx'
import { CodeBlock } from '#components/ui/code-block.tsx'
import { CommandLine } from '#components/ui/command-line.tsx'

/** Everything about one script that someone wants to know before running it as an administrator. */
export function PrepDetails({ farm, backend, script }: { farm: string; backend: string; script: PrepReply }) {
  const url = urls.prep(farm, backend, script.system)
  const curl = `curl -fsS -H "Authorization: Bearer $TANGENT_TOKEN" -o ${script.filename} "${window.location.origin}${url}"`
  const download = (
    <a href={url} download={script.filename} className={buttonLook('primary', 'sm')}>
      <Download aria-hidden className="size-4" />
      Download
    </a>
  )
  return (
    <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
      <div className="min-w-0 space-y-4">
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
        <Card title="How to use it" description={`On ${backend}, as administrator, in the folder with the file`}>
          <div className="space-y-3">
            <CommandLine label="Fetch with a token" command={curl} />
            <CommandLine label="Apply" command={script.commands.apply} />
            <CommandLine label="Check" command={script.commands.check} />
            <CommandLine label="Undo" command={script.commands.undo} />
            <div>
              <p className="text-xs font-medium text-ink-soft">SHA-256</p>
              <p className="font-mono text-xs break-all text-ink">{script.sha256}</p>
            </div>
          </div>
        </Card>
      </div>
      <CodeBlock label={script.filename} text={script.text} lineNumbers tall actions={download} />
    </div>
  )
}
