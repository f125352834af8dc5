import { useId, type ReactNode } from 'react'
import { CircleAlert } from 'lucide-react'

/** What a field shows under itself: the reason why its value is refused, and what to do. */
export type FieldMessage = { message: string; hint: string }

export type ControlAttributes = { id: string; 'aria-describedby': string | undefined; 'aria-invalid': true | undefined; required: boolean | undefined }

type Props = {
  label: string
  help?: ReactNode
  required?: boolean
  messages?: readonly FieldMessage[]
  className?: string
  children: (attributes: ControlAttributes) => ReactNode
}

/** Label, help and messages around one control, tied to it for screen readers. */
export function Field({ label, help, required = false, messages = [], className = '', children }: Props) {
  const id = useId()
  const describedBy = [help ? `${id}-help` : null, messages.length > 0 ? `${id}-messages` : null].filter((part) => part !== null).join(' ')
  return (
    <div className={`min-w-0 ${className}`}>
      <label htmlFor={id} className="mb-1 block text-sm font-medium text-ink">
        {label}
      </label>
      {children({ id, 'aria-describedby': describedBy || undefined, 'aria-invalid': messages.length > 0 || undefined, required: required || undefined })}
      {help ? (
        <p id={`${id}-help`} className="mt-1 text-xs text-ink-faint">
          {help}
        </p>
      ) : null}
      <Messages id={`${id}-messages`} messages={messages} />
    </div>
  )
}

/** The messages of a field or of a group of fields. */
export function Messages({ id, messages }: { id: string; messages: readonly FieldMessage[] }) {
  if (messages.length === 0) return null
  return (
    <ul id={id} className="mt-1 space-y-1">
      {messages.map(({ message, hint }) => (
        <li key={message} className="flex gap-1.5 text-xs text-danger">
          <CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
          <span>
            {message} {hint ? <span className="text-ink-soft">{hint}</span> : null}
          </span>
        </li>
      ))}
    </ul>
  )
}
