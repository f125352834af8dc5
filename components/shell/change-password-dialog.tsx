'use client'

import { Button } from '#components/ui/button.tsx'
import { Dialog } from '#components/ui/dialog.tsx'
import { useAnnounce } from '#components/ui/announcements.tsx'
import { PasswordForm } from '#components/session/password-form.tsx'

const formId = 'change-password'

export function ChangePasswordDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const announce = useAnnounce()
  const done = () => {
    announce({ tone: 'ok', title: 'Your password was changed' })
    onClose()
  }
  const footer = (
    <>
      <Button onClick={onClose}>Cancel</Button>
      <Button tone="primary" type="submit" form={formId}>
        Change password
      </Button>
    </>
  )
  return (
    <Dialog open={open} onClose={onClose} title="Change password" footer={footer}>
      <PasswordForm id={formId} known={null} currentLabel="Current password" onDone={done} />
    </Dialog>
  )
}
