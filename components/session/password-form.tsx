'use client'

import { useState, type FormEvent } from 'react'
import { useMutation } from '@tanstack/react-query'
import { changePassword } from '#lib/client/changes.ts'
import { toFailure } from '#lib/client/failure.ts'
import { Field } from '#components/ui/field.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { Input } from '#components/ui/input.tsx'
import { passwordMessages, passwordRule } from './password-rule.ts'

type Props = {
  id: string
  /** The password that was typed a moment ago to sign in; null asks for it. */
  known: string | null
  currentLabel: string
  onDone: () => void
}

/** The fields of a new password. The button that submits it stands outside and names this form by its id. */
export function PasswordForm({ id, known, currentLabel, onDone }: Props) {
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [repeated, setRepeated] = useState('')
  const [tried, setTried] = useState(false)
  const save = useMutation({ mutationFn: () => changePassword(known ?? current, next), onSuccess: onDone })
  const messages = passwordMessages(next, repeated)
  const atServer = (pointer: string) => (save.error ? toFailure(save.error).errors.filter((problem) => problem.pointer === pointer) : [])
  const empty = (value: string) => (tried && value === '' ? [{ message: 'This field is required.', hint: '' }] : [])
  const elsewhere = save.error && [...atServer('/current'), ...atServer('/next')].length === 0 ? save.error : null

  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if ((known ?? current) === '' || next === '' || next !== repeated || messages.next.length > 0 || save.isPending) return
    save.mutate()
  }
  return (
    <form id={id} onSubmit={submit} noValidate className="space-y-4">
      {known === null ? (
        <Field label={currentLabel} required messages={[...empty(current), ...atServer('/current')]}>
          {(attributes) => <Input {...attributes} type="password" autoComplete="current-password" value={current} onChange={(event) => setCurrent(event.target.value)} />}
        </Field>
      ) : null}
      <Field label="New password" required help={passwordRule} messages={[...empty(next), ...messages.next, ...atServer('/next')]}>
        {(attributes) => <Input {...attributes} type="password" autoComplete="new-password" value={next} onChange={(event) => setNext(event.target.value)} />}
      </Field>
      <Field label="New password again" required messages={[...empty(repeated), ...messages.repeated]}>
        {(attributes) => <Input {...attributes} type="password" autoComplete="new-password" value={repeated} onChange={(event) => setRepeated(event.target.value)} />}
      </Field>
      {elsewhere ? <FailureNotice error={elsewhere} /> : null}
    </form>
  )
}
