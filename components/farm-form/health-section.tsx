import { allUnhealthyChoices } from '#lib/domain/farm.ts'
import { defaultMonitor, probeTypes, type Monitor } from '#lib/domain/monitor.ts'
import { allUnhealthyWords, pathsWords, timesText, typeWords } from '#components/health/monitor-words.ts'
import { Card } from '#components/ui/card.tsx'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { Segmented } from '#components/ui/segmented.tsx'
import { Select } from '#components/ui/select.tsx'
import { portsOf, startsSlowly } from './farm-values.ts'
import { MonitorFields } from './monitor-fields.tsx'
import type { FarmForm } from './use-farm-form.ts'

/** How the backends are checked, and what follows from it. */
export function HealthSection({ form }: { form: FarmForm }) {
  const { values, set, setMonitor, messages, touch } = form
  const { type } = values.monitor
  const standard = defaultMonitor({ mode: values.mode, protocol: values.protocol, ports: portsOf(values) })
  const options = [{ value: '', label: `Automatic: ${typeWords[standard.type].label}` }, ...probeTypes.map((value) => ({ value, label: typeWords[value].label })), { value: 'none', label: 'No health check' }]
  const choose = (wanted: string) => setMonitor(null, 'type', wanted === 'none' ? 'none' : (probeTypes.find((one) => one === wanted) ?? ''))
  const checked = type !== 'none' || values.backends.some((backend) => backend.monitor.type !== '')
  return (
    <Card title="Health check" description="How the appliance finds out that a backend does not work, so that it gets no clients until it does">
      <div className="space-y-5">
        <Field label="Type" help={type === '' || type === 'none' ? undefined : typeWords[type].help} messages={messages('monitor/type')} className="max-w-md">
          {(attributes) => <Select {...attributes} value={type} options={options} onChange={(event) => choose(event.target.value)} />}
        </Field>
        {type === '' ? <Standard monitor={standard} /> : null}
        {type === 'none' ? (
          <Notice tone="warning" title="Nobody looks whether the backends work">
            One that fails keeps its share of the clients, and they get no answer. The status of the farm stays unknown.
          </Notice>
        ) : null}
        {type === '' || type === 'none' ? null : <MonitorFields form={form} row={null} type={type} values={values.monitor} />}
        {checked ? (
          <div className="grid gap-x-6 gap-y-4 border-t border-line pt-4 lg:grid-cols-2">
            <div>
              <Segmented legend="When all backends fail" options={allUnhealthyChoices.map((value) => ({ value, label: allUnhealthyWords[value].label }))} value={values.whenAllUnhealthy} onChange={(value) => set('whenAllUnhealthy', value)} />
              <p className="mt-1 text-xs text-ink-faint">{allUnhealthyWords[values.whenAllUnhealthy].help}</p>
            </div>
            {startsSlowly(values) ? (
              <Field label="Slow start" required help="Seconds after which a backend that failed has its whole share again; it begins with a quarter. 0 is at once." messages={messages('slowStart')} className="max-w-md">
                {(attributes) => <Input {...attributes} inputMode="numeric" className="nums max-w-32" value={values.slowStart} onChange={(event) => set('slowStart', event.target.value)} onBlur={() => touch('slowStart')} />}
              </Field>
            ) : null}
          </div>
        ) : null}
      </div>
    </Card>
  )
}

/** What the default is for the farm as it stands in the form. */
function Standard({ monitor }: { monitor: Monitor }) {
  return (
    <p className="max-w-4xl text-sm text-ink-soft">
      {typeWords[monitor.type].help} {'port' in monitor ? 'The first port of the farm is asked' : 'It is asked'} every {monitor.interval} seconds. {monitor.paths === 'both' ? pathsWords.both.help : ''} {timesText(monitor)} Choose a type to change any of this.
    </p>
  )
}
