import { Info } from 'lucide-react'
import { prepTitles, type PrepReply } from '#lib/prep/prep.ts'
import { checkerOf } from '#lib/prep/report.ts'
import type { PrepState } from '#lib/prep/state.ts'
import { CommandLine } from '#components/ui/command-line.tsx'
import { CheckCommand } from './check-command.tsx'
import { LinkMaker } from './link-maker.tsx'
import { PrepResult } from './prep-result.tsx'
import { systemWords } from './prep-words.ts'
import { ReportForm } from './report-form.tsx'
import { ScriptFile } from './script-file.tsx'
import { Step } from './step.tsx'
import type { LinkMaking } from './use-prep-link.ts'

/** How a script gets to its backend: as a file, or fetched there with a link. */
export type Way = 'file' | 'link'

type Props = { farm: string; state: PrepState; script: PrepReply; way: Way; making: LinkMaking; address: string; onAddress: (typed: string) => void; now: number }

/** The three steps for one backend: get the script, run it, check. */
export function PrepSteps({ farm, state, script, way, making, address, onAddress, now }: Props) {
  const { backend, system } = state
  const checker = checkerOf(system)
  const link = way === 'link' ? making.link : null
  return (
    <ol className="divide-y divide-line">
      <Step number={1} title="Get it">
        {script.note ? (
          <p className="flex max-w-prose items-start gap-2 text-sm text-ink-soft">
            <Info aria-hidden className="mt-0.5 size-4 shrink-0 text-accent" />
            {script.note}
          </p>
        ) : null}
        {way === 'link' ? <LinkMaker backend={backend} making={making} address={address} onAddress={onAddress} /> : <ScriptFile farm={farm} backend={backend} script={script} />}
      </Step>
      <Step number={2} title="Run it">
        {way === 'file' ? (
          <CommandLine label={systemWords[system].where} command={script.commands.apply} />
        ) : link ? (
          <CommandLine label="As administrator on the backend: fetches the script, applies it, checks, and reports here" command={link.commands.apply} />
        ) : (
          <p className="text-sm text-ink-faint">Make the link first.</p>
        )}
      </Step>
      <Step number={3} title="Check it">
        {way === 'link' ? (
          <>
            <p className="text-sm text-ink-soft">The line of step 2 checks and reports by itself.</p>
            {link ? <CommandLine label="Later: check again, changing nothing" command={link.commands.check} /> : null}
          </>
        ) : checker === null ? (
          <>
            <CommandLine label="Check" command={script.commands.check} />
            <p className="text-sm text-ink-soft">Read there what it says: with {prepTitles[system]} nothing reports to the console.</p>
          </>
        ) : (
          <>
            <CheckCommand farm={farm} backend={backend} script={script} checker={checker} />
            <ReportForm key={backend} farm={farm} backend={backend} />
          </>
        )}
        {checker === null ? null : <PrepResult state={state} waiting={link !== null} now={now} />}
      </Step>
    </ol>
  )
}
