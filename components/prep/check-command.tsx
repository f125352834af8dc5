import { useQuery } from '@tanstack/react-query'
import { prepQuery } from '#lib/client/queries.ts'
import { urls } from '#lib/client/urls.ts'
import { prepTitles, type PrepReply } from '#lib/prep/prep.ts'
import { reportCommand } from '#lib/prep/report-command.ts'
import type { ReportSystem } from '#lib/prep/report.ts'
import { CommandLine } from '#components/ui/command-line.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'

type Props = { farm: string; backend: string; script: PrepReply; checker: ReportSystem }

/** The command whose output the console reads. What has no check of its own is checked by another script, which is there to download. */
export function CheckCommand({ farm, backend, script, checker }: Props) {
  const own = reportCommand(script.commands.check)
  const other = useQuery({ ...prepQuery(farm, backend, checker), enabled: own === null })
  const command = own ?? (other.data ? reportCommand(other.data.commands.check) : null)
  // The user data of cloud-init leaves the script on the machine.
  const needed = script.system !== checker && script.system !== 'cloud-init'
  return (
    <>
      {needed ? (
        <p className="text-sm text-ink-soft">
          The script for {prepTitles[checker]} checks this too, changing nothing.{' '}
          <a href={urls.prep(farm, backend, checker)} download className="rounded-sm text-accent underline underline-offset-2">
            Download it
          </a>
        </p>
      ) : null}
      {command === null ? <Skeleton className="h-13 w-full" /> : <CommandLine label="Check, and print a report" command={command} />}
    </>
  )
}
