import type { ReactNode } from 'react'
import { Tabs as Primitive } from 'radix-ui'

/** `mark` says something about what is in the tab; null keeps its place free, so that nothing moves when it comes. */
type Tab = { value: string; label: string; content: ReactNode; mark?: ReactNode }

/** Tabs with the chosen one named by the caller, so that it can live in the address. */
export function Tabs({ label, tabs, value, onChange }: { label: string; tabs: readonly Tab[]; value: string; onChange: (value: string) => void }) {
  return (
    <Primitive.Root value={value} onValueChange={onChange}>
      <Primitive.List aria-label={label} className="-mx-1 flex gap-1 overflow-x-auto border-b border-line px-1 pt-1">
        {tabs.map((tab) => (
          <Primitive.Trigger
            key={tab.value}
            value={tab.value}
            className="-mb-px h-9 shrink-0 rounded-t-md border-b-2 border-transparent px-3 text-sm font-medium whitespace-nowrap text-ink-soft transition-colors hover:text-ink focus-visible:outline-offset-[-2px] data-[state=active]:border-accent data-[state=active]:text-ink"
          >
            {tab.label}
            {tab.mark === undefined ? null : <span className="ml-1.5 inline-block size-4 align-text-bottom">{tab.mark}</span>}
          </Primitive.Trigger>
        ))}
      </Primitive.List>
      {tabs.map((tab) => (
        <Primitive.Content key={tab.value} value={tab.value} className="rounded-md pt-4">
          {tab.content}
        </Primitive.Content>
      ))}
    </Primitive.Root>
  )
}
