import { prepSystems, prepTitles, type PrepSystem } from '#lib/prep/prep.ts'
import { checkerOf } from '#lib/prep/report.ts'
import type { PrepState, PrepStatus } from '#lib/prep/state.ts'
import { agoText } from '#components/ui/ago.ts'
import type { SelectGroup } from '#components/ui/select.tsx'

/** `where`: what the command that applies it needs around it. */
type Explained = { help: string; group: 'Scripts' | 'Automation' | 'Documented ways'; where: string }

const onMachine = 'As administrator on the backend, in the folder with the file'

export const systemWords: Record<PrepSystem, Explained> = {
  'linux': { group: 'Scripts', help: 'Any distribution, with iproute2 or busybox.', where: onMachine },
  'linux-redirect': { group: 'Scripts', help: 'For an application that cannot listen on the VIP.', where: onMachine },
  'windows-powershell': { group: 'Scripts', help: 'Windows Server 2012 and later.', where: onMachine },
  'windows-cmd': { group: 'Scripts', help: 'Older servers, with a loopback adapter that you add.', where: onMachine },
  'ansible': { group: 'Automation', help: 'A playbook that runs the Linux script.', where: 'Where Ansible is installed, in the folder with the file' },
  'cloud-init': { group: 'Automation', help: 'For a new machine: runs the Linux script at its first start.', where: 'Where the machine is made' },
  'netplan': { group: 'Documented ways', help: 'For machines whose network netplan keeps.', where: onMachine },
  'networkd': { group: 'Documented ways', help: 'For machines whose network systemd-networkd keeps.', where: onMachine },
  'networkmanager': { group: 'Documented ways', help: 'For machines whose network NetworkManager keeps.', where: onMachine },
  'ifupdown': { group: 'Documented ways', help: 'For machines with /etc/network/interfaces.', where: onMachine },
  'freebsd': { group: 'Documented ways', help: 'What to write into rc.conf.', where: onMachine },
  'container': { group: 'Documented ways', help: 'For a backend that is a container.', where: 'Where the container runs, in the folder with compose.yaml and the file' },
}

/** The systems as a select shows them. */
export const systemGroups: readonly SelectGroup[] = (['Scripts', 'Automation', 'Documented ways'] as const).map((group) => ({
  label: group,
  options: prepSystems.filter((system) => systemWords[system].group === group).map((value) => ({ value, label: prepTitles[value] })),
}))

/** How far one machine is, in a few words; `now` in milliseconds. */
export function statusText({ status, system, verification }: PrepState, now: number): string {
  const when = verification ? agoText(verification.receivedAt, now) : ''
  const [change = '', ...more] = verification?.changes ?? []
  const words: Record<PrepStatus, string> = {
    'not-needed': 'Nothing to prepare',
    'never-checked': checkedByHand({ status, system }) ? 'Checked by hand' : 'Never checked',
    'failed': `Failed ${when}`,
    'stale': `Run again: ${change.replace(/\.$/, '')}${more.length > 0 ? `, and ${more.length} more` : ''}`,
    'open': `Checked ${when}, with open points`,
    'verified': `Verified ${when}`,
  }
  return words[status]
}

export type PrepSummary = { status: PrepStatus; text: string; backend: string | null }

/** A farm's backends in one line: what is worst, and the backend that it is about when it is one alone. Null without any to prepare. */
export function summaryOf(states: readonly PrepState[]): PrepSummary | null {
  const needed = states.filter((state) => state.status !== 'not-needed' && !checkedByHand(state))
  const worst = (['failed', 'stale', 'never-checked', 'open', 'verified'] as const).find((status) => needed.some((state) => state.status === status))
  if (!worst) return null
  const [first, ...others] = needed.filter(({ status }) => status === worst)
  const backend = first?.backend ?? null
  const count = others.length + 1
  const many = count === needed.length && count > 1 ? `All ${count} backends` : `${count} of ${needed.length} backends`
  const one: Record<typeof worst, string> = {
    'failed': `${backend} failed its check`,
    'stale': `${backend} must run its script again`,
    'never-checked': `${backend} was never checked`,
    'open': `${backend} has open points`,
    'verified': `${backend} is verified`,
  }
  const several: Record<typeof worst, string> = {
    'failed': `${many} failed their check`,
    'stale': `${many} must run their script again`,
    'never-checked': count === needed.length ? `None of the ${count} backends was checked yet` : `${many} were never checked`,
    'open': `${many} have open points`,
    'verified': `${many} are verified`,
  }
  return { status: worst, text: count === 1 ? one[worst] : several[worst], backend: worst === 'verified' ? null : backend }
}

/** The next backend on which there is something to do, after the given one and round again; null when there is no other. */
export function nextToDo(states: readonly PrepState[], after: string | null): PrepState | null {
  const at = states.findIndex(({ backend }) => backend === after)
  const round = [...states.slice(at + 1), ...states.slice(0, Math.max(at, 0))]
  return round.find((state) => !isDone(state)) ?? null
}

/** Whether the console needs nothing more of this machine: it is verified, or as far as its check can tell, or there is nothing that it could report. */
export function isDone(state: PrepState): boolean {
  return state.status === 'verified' || state.status === 'open' || state.status === 'not-needed' || checkedByHand(state)
}

/** Whether the machine is prepared in a way that has no check that reports. */
export function checkedByHand({ status, system }: Pick<PrepState, 'status' | 'system'>): boolean {
  return status === 'never-checked' && checkerOf(system) === null
}

/** What to say when nothing is left to do for a farm. */
export function doneText(states: readonly PrepState[]): string {
  const verified = states.filter(({ status }) => status === 'verified').length
  const byHand = states.filter(checkedByHand).map(({ backend }) => backend)
  const open = states.filter(({ status }) => status === 'open').map(({ backend }) => backend)
  if (byHand.length + open.length > 0) {
    const others = [...(open.length > 0 ? [`With open points: ${open.join(', ')}.`] : []), ...(byHand.length > 0 ? [`Checked by hand: ${byHand.join(', ')}.`] : [])]
    return `${verified} ${verified === 1 ? 'backend is' : 'backends are'} verified. ${others.join(' ')}`
  }
  return verified === 1 ? 'The backend is verified: done.' : `All ${verified} backends are verified: done.`
}
