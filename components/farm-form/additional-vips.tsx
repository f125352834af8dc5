import { useId, useRef } from 'react'
import { Plus, Trash2 } from 'lucide-react'
import { maxAdditionalVips } from '#lib/domain/farm.ts'
import { Button } from '#components/ui/button.tsx'
import { Messages } from '#components/ui/field.tsx'
import { IconButton } from '#components/ui/icon-button.tsx'
import { Input } from '#components/ui/input.tsx'
import { vipFieldId } from './field-id.ts'
import type { FarmForm } from './use-farm-form.ts'

/** More addresses with the same ports and backends, each in an input of its own. */
export function AdditionalVips({ form }: { form: FarmForm }) {
  const { values, messages, touch, setVip, addVip, removeVip } = form
  const id = useId()
  const list = useRef<HTMLUListElement>(null)
  const add = () => {
    const key = addVip()
    requestAnimationFrame(() => list.current?.querySelector<HTMLInputElement>(`[data-row="${key}"] input`)?.focus())
  }
  const remove = (key: string) => {
    removeVip(key)
    requestAnimationFrame(() => document.getElementById(`${id}-add`)?.focus())
  }
  const reason = values.scheduler !== 'maglev' ? 'Only scheduler Maglev, in mode DSR, serves several VIPs.' : values.additionalVips.length >= maxAdditionalVips ? `A farm has at most ${maxAdditionalVips} additional VIPs.` : null
  const general = messages('additionalVips')
  return (
    <fieldset className="mt-4 min-w-0" aria-describedby={`${id}-help ${id}-messages`}>
      <legend className="mb-1 text-sm font-medium text-ink">Additional VIPs</legend>
      {values.additionalVips.length > 0 ? (
        <ul ref={list} className="mb-2 grid gap-x-4 gap-y-2 sm:grid-cols-2 lg:grid-cols-3">
          {values.additionalVips.map(({ key, address }, index) => {
            const found = messages(vipFieldId(key))
            const name = address.trim() || `VIP ${index + 2}`
            return (
              <li key={key} data-row={key} className="min-w-0">
                <div className="flex items-center gap-1">
                  <Input
                    mono
                    aria-label={`VIP ${index + 2}`}
                    aria-invalid={found.length > 0 || general.length > 0 || undefined}
                    aria-describedby={found.length > 0 ? `${id}-${index}-messages` : undefined}
                    value={address}
                    placeholder="203.0.113.8"
                    onChange={(event) => setVip(key, event.target.value)}
                    onBlur={() => touch(vipFieldId(key))}
                  />
                  <IconButton label={`Remove ${name}`} icon={<Trash2 aria-hidden className="size-4" />} onClick={() => remove(key)} />
                </div>
                <Messages id={`${id}-${index}-messages`} messages={found} />
              </li>
            )
          })}
        </ul>
      ) : null}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Button id={`${id}-add`} size="sm" icon={<Plus aria-hidden className="size-4" />} onClick={add} disabledReason={reason}>
          Add VIP
        </Button>
        <p id={`${id}-help`} className="text-xs text-ink-faint">
          More addresses with the same ports and backends, on the same interface.
        </p>
      </div>
      <Messages id={`${id}-messages`} messages={general} />
    </fieldset>
  )
}
