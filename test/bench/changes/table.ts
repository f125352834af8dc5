import { printed, type Summary } from '../statistics.ts'
import type { Taken } from './growth.ts'
import { rounds, type Measured } from './measure.ts'

/** What so many farms take, the milliseconds that each of them took to load, and the memory of the kernel for one table with all of them, in MB. */
export type Size = Taken & { farms: number; loadEach: number; kernel: number }

/** The section of the README about changes of farms of the native engine. */
export function changeSection(measured: readonly Measured[], sizes: readonly Size[]): string {
  return `A farm with ten backends and a Maglev table of 4,093 slots, beside as many others as the column says. Tangent: from the request to the console's API until its
reply says that the kernel has the change. Engine: the native engine alone, plan and apply. Bare: \`nft -f\` of the same elements on the same tables. All three in turns,
each in a namespace of its own. Milliseconds: median (quartiles) of ${rounds} rounds.

| change | farms | Tangent | engine | bare nft | Tangent / bare | engine / bare |
| --- | --- | --- | --- | --- | --- | --- |
${measured.map(({ what, farms, api, engine, bare }) => `| ${what} | ${farms} | ${printed(api)} | ${printed(engine)} | ${printed(bare)} | **${over(api, bare)}** | **${over(engine, bare)}** |`).join('\n')}

How the ratio grows from ${first(measured)} to ${last(measured)} farms:

| change | Tangent / bare | engine / bare |
| --- | --- | --- |
${pairs(measured).map(([few, many]) => `| ${few.what} | × ${growth(few, many, 'api')} | × ${growth(few, many, 'engine')} |`).join('\n')}

The parts of the engine. Plan and apply each compute the new slots and the script once (converge); the rest of apply is nft and what hands it the script.

| change | farms | plan | apply | converge, once | bare nft |
| --- | --- | --- | --- | --- | --- |
${measured.map(({ what, farms, plan, apply, converge, bare }) => `| ${what} | ${farms} | ${printed(plan)} | ${printed(apply)} | ${printed(converge)} | ${printed(bare)} |`).join('\n')}

What the farms take: milliseconds to load each through the API, eight requests at a time; memory in MB (proportional set size; kernel: one table with all farms);
shares of one processor while nothing changes; and the seconds until an agent that is started on a machine where everything is in place has compared all of it.

| farms | load each | console | agent | kernel | agent busy | programs it runs | console busy | agent starts in |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${sizes.map((size) => `| ${size.farms} | ${size.loadEach.toFixed(0)} | ${size.console.toFixed(0)} | ${size.agent.toFixed(0)} | ${size.kernel.toFixed(1)} | ${percent(size.busyAgent)} | ${percent(size.busyPrograms)} | ${percent(size.busyConsole)} | ${size.start.toFixed(1)} |`).join('\n')}`
}

function over(one: Summary, other: Summary): string {
  return (one.median / other.median).toFixed(1)
}

function growth(few: Measured, many: Measured, key: 'api' | 'engine'): string {
  return (many[key].median / many.bare.median / (few[key].median / few.bare.median)).toFixed(2)
}

/** The same change with the fewest and with the most farms. */
function pairs(measured: readonly Measured[]): Array<[Measured, Measured]> {
  return measured.filter(({ farms }) => farms === first(measured)).flatMap((few) => measured.filter(({ what, farms }) => what === few.what && farms === last(measured)).map((many): [Measured, Measured] => [few, many]))
}

function first(measured: readonly Measured[]): number {
  return Math.min(...measured.map(({ farms }) => farms))
}

function last(measured: readonly Measured[]): number {
  return Math.max(...measured.map(({ farms }) => farms))
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
