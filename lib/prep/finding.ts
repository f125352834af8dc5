import type { Block } from './node.ts'

/** What a check says of one thing: right, wrong, or worth knowing (also: it could not be looked at). Only `fail` makes a check fail. */
export const verdicts = ['ok', 'fail', 'warn'] as const
export type Verdict = (typeof verdicts)[number]

/**
 * The sentences of one check, for the scripts and for the console alike. `{subject}` stands for what was looked at (an address, an
 * interface, a service), `{found}` for what was there instead. Of a service as subject (`10.9.0.100/tcp/80`), `{vip}`, `{protocol}` and
 * `{ports}` are the parts. `fix` says what to do when the verdict is not ok; `look` says it for `warn`, when that is something else.
 */
export type Finding = Partial<Record<Verdict, Block>> & { fix?: Block; look?: Block }

/** The checks of one script by their code, in the order in which the script makes them. */
export type Findings = Readonly<Record<string, Finding>>

/** One check as a script reports it. */
export type CheckItem = { code: string; subject: string; verdict: Verdict; found: string }

/** One check in words. `fix` is null when there is nothing to do. */
export type ExplainedItem = CheckItem & { text: string; fix: string | null }

/** The words for an item. A code or verdict that the registry does not know is shown as it is: an older or newer script made it. */
export function explain(findings: Findings, item: CheckItem): ExplainedItem {
  const finding = Object.hasOwn(findings, item.code) ? findings[item.code] : undefined
  const sentence = finding?.[item.verdict]
  const fix = item.verdict === 'ok' ? undefined : item.verdict === 'warn' ? (finding?.look ?? finding?.fix) : finding?.fix
  return { ...item, text: sentence ? filled(sentence, item) : `${item.code}: ${item.subject} ${item.found}`.trim(), fix: fix ? filled(fix, item) : null }
}

/** In one pass and by a function, so that nothing in a value is read as a placeholder or a pattern. */
function filled(sentence: Block, { subject, found }: CheckItem): string {
  const [vip = '', protocol = '', ports = ''] = subject.split('/')
  const values: Record<string, string> = { subject, found, vip, protocol, ports }
  return sentence.replace(/\{(subject|found|vip|protocol|ports)\}/g, (_, name: string) => values[name] ?? '')
}
