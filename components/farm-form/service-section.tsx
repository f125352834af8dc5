import type { Interface } from '#lib/domain/interface.ts'
import { interfaceOf } from '#lib/domain/interface.ts'
import { parseAddress } from '#lib/domain/address.ts'
import { protocols } from '#lib/domain/farm.ts'
import { protocolWords } from '#components/farms/words.ts'
import { Card } from '#components/ui/card.tsx'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { Segmented } from '#components/ui/segmented.tsx'
import { Select } from '#components/ui/select.tsx'
import { AdditionalVips } from './additional-vips.tsx'
import type { FarmForm } from './use-farm-form.ts'

/** What clients see: name, VIP, protocol and ports, and the interface that it all stands on. */
export function ServiceSection({ form, creating, interfaces }: { form: FarmForm; creating: boolean; interfaces: readonly Interface[] | null }) {
  const { values, set, messages, touch, nameLeft } = form
  return (
    <Card title="Service" description="What clients connect to">
      <div className="grid gap-x-4 gap-y-4 sm:grid-cols-2 lg:grid-cols-3">
        <Field label="Name" required messages={messages('name')} help={creating ? 'Lower-case letters, digits and hyphens. It cannot be changed later.' : 'The name cannot be changed: it is in addresses, rules and logs.'}>
          {(attributes) => <Input {...attributes} value={values.name} disabled={!creating} maxLength={200} autoFocus={creating} placeholder="web" onChange={(event) => set('name', event.target.value)} onBlur={nameLeft} />}
        </Field>
        <Field label="VIP" required messages={messages('vip')} help="The address that clients use, IPv4 or IPv6.">
          {(attributes) => <Input {...attributes} mono value={values.vip} placeholder="203.0.113.7" onChange={(event) => set('vip', event.target.value)} onBlur={() => touch('vip')} />}
        </Field>
        <Field label="Interface" messages={messages('interface')} help={interfaceHelp(values, interfaces)}>
          {(attributes) => <Select {...attributes} value={values.interface} options={interfaceOptions(values.interface, interfaces)} onChange={(event) => set('interface', event.target.value)} />}
        </Field>
        <Segmented legend="Protocol" options={protocols.map((value) => ({ value, label: protocolWords[value] }))} value={values.protocol} onChange={(value) => set('protocol', value)} />
        <Field label="Ports" messages={messages('ports')} help="Ports and ranges such as 80, 443, 8000-8010. Empty means every port.">
          {(attributes) => <Input {...attributes} mono value={values.ports} placeholder="every port" onChange={(event) => set('ports', event.target.value)} onBlur={() => touch('ports')} />}
        </Field>
        <Segmented
          legend="Admin state"
          options={[
            { value: 'enabled', label: 'Enabled' },
            { value: 'disabled', label: 'Disabled' },
          ]}
          value={values.adminState}
          onChange={(value) => set('adminState', value)}
        />
      </div>
      <AdditionalVips form={form} />
    </Card>
  )
}

function interfaceOptions(chosen: string, interfaces: readonly Interface[] | null) {
  const listed = (interfaces ?? []).map(({ name, up, addresses }) => ({
    value: name,
    label: `${name}${addresses[0] ? ` (${addresses[0].address}/${addresses[0].prefix})` : ''}${up ? '' : ', down'}`,
  }))
  const missing = chosen !== '' && !listed.some((option) => option.value === chosen) ? [{ value: chosen, label: interfaces ? `${chosen} (not there)` : chosen }] : []
  return [{ value: '', label: 'Automatic' }, ...listed, ...missing]
}

function interfaceHelp({ interface: chosen, vip }: { interface: string; vip: string }, interfaces: readonly Interface[] | null): string {
  if (!interfaces) return 'The agent does not answer, so its interfaces are not known. Automatic works as soon as it does.'
  if (chosen !== '') return 'Also for a routed VIP, which is in no subnet of the interface.'
  const parsed = parseAddress(vip.trim())
  const found = 'address' in parsed ? interfaceOf({ interface: null, vip: parsed.address }, interfaces) : null
  return found ? `Automatic: ${found.name}, whose subnet holds the VIP.` : 'Automatic: the one whose subnet holds the VIP.'
}
