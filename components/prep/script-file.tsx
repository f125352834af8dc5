import { Download } from 'lucide-react'
import { urls } from '#lib/client/urls.ts'
import type { PrepReply } from '#lib/prep/prep.ts'
import { buttonLook } from '#components/ui/button.tsx'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { systemWords } from './prep-words.ts'

/** The script as a file: to download or to copy, with what tells that it arrived whole. */
export function ScriptFile({ farm, backend, script }: { farm: string; backend: string; script: PrepReply }) {
  return (
    <>
      <div className="flex flex-wrap gap-2">
        <a href={urls.prep(farm, backend, script.system)} download={script.filename} className={buttonLook('primary')}>
          <Download aria-hidden className="size-4" />
          Download
        </a>
        <CopyButton text={script.text} label={systemWords[script.system].group === 'Scripts' ? 'Copy script' : 'Copy file'} />
      </div>
      <dl className="grid gap-x-3 gap-y-0.5 text-xs sm:grid-cols-[auto_minmax(0,1fr)]">
        <dt className="text-ink-faint">File</dt>
        <dd className="font-mono break-all text-ink">{script.filename}</dd>
        <dt className="text-ink-faint">SHA-256</dt>
        <dd className="font-mono break-all text-ink">{script.sha256}</dd>
      </dl>
    </>
  )
}
