'use client'

import { useEffect, useState, type FormEvent } from 'react'
import { useMutation } from '@tanstack/react-query'
import { signIn } from '#lib/client/changes.ts'
import { toFailure } from '#lib/client/failure.ts'
import { Button } from '#components/ui/button.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { Notice } from '#components/ui/notice.tsx'

/** Name and password. After too many wrong ones it says how long to wait and counts down. */
export function SignInForm({ onDone }: { onDone: (password: string) => void }) {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [tried, setTried] = useState(false)
  const [wait, setWait] = useState(0)
  const enter = useMutation({
    mutationFn: () => signIn(name, password),
    onSuccess: () => onDone(password),
    onError: (error) => setWait(toFailure(error).retryAfter ?? 0),
  })
  useEffect(() => {
    if (wait <= 0) return
    const timer = setTimeout(() => setWait(wait - 1), 1000)
    return () => clearTimeout(timer)
  }, [wait])

  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (name !== '' && password !== '' && wait === 0 && !enter.isPending) enter.mutate()
  }
  const empty = (value: string) => (tried && value === '' ? [{ message: 'This field is required.', hint: '' }] : [])
  const failure = enter.error ? toFailure(enter.error) : null
  return (
    <form onSubmit={submit} noValidate className="space-y-4">
      <Field label="Name" required messages={empty(name)}>
        {(attributes) => <Input {...attributes} autoComplete="username" autoCapitalize="none" value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
      <Field label="Password" required messages={empty(password)}>
        {(attributes) => <Input {...attributes} type="password" autoComplete="current-password" value={password} onChange={(event) => setPassword(event.target.value)} />}
      </Field>
      {failure?.status === 429 ? (
        <Notice tone="warning" title="Too many wrong passwords" role="alert">
          {wait > 0 ? (
            <span aria-live="off">
              Try again in <span className="nums">{wait}</span> {wait === 1 ? 'second' : 'seconds'}. Each further failure makes the wait longer.
            </span>
          ) : (
            'You can try again now.'
          )}
        </Notice>
      ) : failure?.status === 401 ? (
        <Notice tone="danger" title={failure.detail} role="alert" />
      ) : failure ? (
        <FailureNotice error={enter.error} />
      ) : null}
      <Button tone="primary" type="submit" busy={enter.isPending} disabledReason={wait > 0 ? `Wait ${wait} more seconds.` : null} className="w-full">
        Sign in
      </Button>
    </form>
  )
}
