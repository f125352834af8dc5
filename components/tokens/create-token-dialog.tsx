import { useState, type FormEvent } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { createToken } from '#lib/client/changes.ts'
import { toFailure } from '#lib/client/failure.ts'
import { keys } from '#lib/client/queries.ts'
import { namePattern } from '#lib/domain/name.ts'
import { tokenScopes, type TokenScope } from '#lib/domain/replies.ts'
import { Button } from '#components/ui/button.tsx'
import { CommandLine } from '#components/ui/command-line.tsx'
import { Dialog } from '#components/ui/dialog.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { Select } from '#components/ui/select.tsx'
import { scopeWords } from './scope-words.ts'

const formId = 'create-token'
const day = 86_400_000
const lifetimes = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'One year' },
  { value: '', label: 'Never' },
]

/** Makes a token and shows its secret the one time it can be shown. */
export function CreateTokenDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [name, setName] = useState('')
  const [scope, setScope] = useState<TokenScope>('read')
  const [days, setDays] = useState('90')
  const [left, setLeft] = useState(false)
  const client = useQueryClient()
  const create = useMutation({
    mutationFn: () => createToken({ name, scope, expiresAt: days === '' ? null : new Date(Date.now() + Number(days) * day).toISOString() }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.tokens }),
  })
  const close = () => {
    onClose()
    setName('')
    setLeft(false)
    create.reset()
  }
  const wrong = namePattern.test(name) ? [] : [{ message: name === '' ? 'This field is required.' : 'Lower-case letters, digits and hyphens only.', hint: name === '' ? '' : 'Use a name like ci or backup-2.' }]
  const atServer = create.error ? toFailure(create.error).errors.filter((problem) => problem.pointer === '/name') : []
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setLeft(true)
    if (wrong.length === 0 && !create.isPending) create.mutate()
  }
  if (create.data) {
    return (
      <Dialog open={open} onClose={close} title={`Token ${create.data.name}`} footer={<Button tone="primary" onClick={close}>Done</Button>}>
        <div className="space-y-4">
          <Notice tone="warning" title="Copy it now">
            It is stored only as a hash and cannot be shown again.
          </Notice>
          <CommandLine label="Token" command={create.data.token} />
        </div>
      </Dialog>
    )
  }
  const footer = (
    <>
      <Button onClick={close}>Cancel</Button>
      <Button tone="primary" type="submit" form={formId} busy={create.isPending}>
        Create token
      </Button>
    </>
  )
  return (
    <Dialog open={open} onClose={close} title="New token" footer={footer}>
      <form id={formId} onSubmit={submit} noValidate className="space-y-4">
        <Field label="Name" required help="What it is for, such as ci." messages={[...(left ? wrong : []), ...atServer]}>
          {(attributes) => <Input {...attributes} value={name} onChange={(event) => setName(event.target.value)} onBlur={() => (name === '' ? undefined : setLeft(true))} />}
        </Field>
        <Field label="Scope" help={scopeWords[scope].help}>
          {(attributes) => (
            <Select {...attributes} value={scope} options={tokenScopes.map((value) => ({ value, label: scopeWords[value].label }))} onChange={(event) => setScope(tokenScopes.find((one) => one === event.target.value) ?? 'read')} />
          )}
        </Field>
        <Field label="Expires after">{(attributes) => <Select {...attributes} value={days} options={lifetimes} onChange={(event) => setDays(event.target.value)} />}</Field>
        {create.error && atServer.length === 0 ? <FailureNotice error={create.error} /> : null}
      </form>
    </Dialog>
  )
}
