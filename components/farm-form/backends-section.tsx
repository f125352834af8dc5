import { useRef } from 'react'
import { Plus } from 'lucide-react'
import { maxBackends } from '#lib/domain/farm.ts'
import { Button } from '#components/ui/button.tsx'
import { Card } from '#components/ui/card.tsx'
import { Messages } from '#components/ui/field.tsx'
import { BackendRow, rowGrid } from './backend-row.tsx'
import type { FarmForm } from './use-farm-form.ts'

const headings = ['Name', 'Address', 'Port', 'MAC (optional)', 'Weight', 'Priority', 'Admin state']

/** The backends, one per row. */
export function BackendsSection({ form }: { form: FarmForm }) {
  const { values, addBackend, removeBackend, messages } = form
  const list = useRef<HTMLUListElement>(null)
  const add = () => {
    const key = addBackend()
    requestAnimationFrame(() => list.current?.querySelector<HTMLInputElement>(`[data-row="${key}"] input`)?.focus())
  }
  const remove = (key: string) => {
    removeBackend(key)
    requestAnimationFrame(() => document.getElementById('add-backend')?.focus())
  }
  const addButton = (
    <Button id="add-backend" size="sm" icon={<Plus aria-hidden className="size-4" />} onClick={add} disabledReason={values.backends.length >= maxBackends ? `A farm has at most ${maxBackends} backends.` : null}>
      Add backend
    </Button>
  )
  return (
    <Card title="Backends" description={values.mode === 'dsr' ? 'They stand in the network of the interface and answer clients themselves' : 'The servers that answer'} actions={addButton} flush>
      {values.backends.length === 0 ? (
        <p className="px-4 py-6 text-center text-sm text-ink-soft">No backends yet. The farm can be saved like this and answers nobody.</p>
      ) : (
        <>
          <div aria-hidden className={`hidden border-b border-line px-4 py-1.5 text-xs font-medium text-ink-faint lg:grid ${rowGrid}`}>
            {headings.map((heading) => (
              <span key={heading}>{heading}</span>
            ))}
          </div>
          <ul ref={list} aria-label="Backends" className="divide-y divide-line">
            {values.backends.map((backend, index) => (
              <BackendRow key={backend.key} form={form} backend={backend} number={index + 1} onRemove={() => remove(backend.key)} />
            ))}
          </ul>
        </>
      )}
      <div className="px-4 empty:hidden">
        <Messages id="backends-messages" messages={messages('backends')} />
      </div>
    </Card>
  )
}
