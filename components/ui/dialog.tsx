import { useRef, type ReactNode } from 'react'
import { Dialog as Primitive } from 'radix-ui'
import { X } from 'lucide-react'
import { IconButton } from './icon-button.tsx'

type Props = { open: boolean; onClose: () => void; title: string; description?: ReactNode; children?: ReactNode; footer: ReactNode; wide?: boolean }

/**
 * A modal dialog: focus stays in it and goes back to where it was, Escape and the cross close it, and it scrolls inside when
 * it is tall. The cross stands last, so that the focus starts at what the dialog is about.
 */
export function Dialog({ open, onClose, title, description, children, footer, wide = false }: Props) {
  const opener = useRef<Element | null>(null)
  return (
    <Primitive.Root open={open} onOpenChange={(next) => (next ? undefined : onClose())}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 grid place-items-center overflow-y-auto bg-shade p-3 sm:p-6">
          <Primitive.Content
            onOpenAutoFocus={() => (opener.current = document.activeElement)}
            onCloseAutoFocus={(event) => {
              // Without a trigger of its own the dialog would leave the focus nowhere.
              event.preventDefault()
              if (opener.current instanceof HTMLElement) opener.current.focus()
            }}
            {...(description ? {} : { 'aria-describedby': undefined })}
            className={`relative flex max-h-[calc(100dvh-1.5rem)] w-full flex-col rounded-lg border border-line-strong bg-surface shadow-overlay focus:outline-none sm:max-h-[calc(100dvh-3rem)] ${wide ? 'max-w-3xl' : 'max-w-lg'}`}
          >
            <header className="px-5 pt-4 pr-12 pb-2">
              <Primitive.Title className="text-lg font-semibold text-ink">{title}</Primitive.Title>
              {description ? <Primitive.Description className="mt-1 text-sm text-ink-soft">{description}</Primitive.Description> : null}
            </header>
            <div className="min-h-0 grow overflow-y-auto px-5 py-2">{children}</div>
            <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">{footer}</footer>
            <Primitive.Close asChild>
              <IconButton label="Close" icon={<X aria-hidden className="size-4" />} className="absolute top-3 right-3" />
            </Primitive.Close>
          </Primitive.Content>
        </Primitive.Overlay>
      </Primitive.Portal>
    </Primitive.Root>
  )
}
