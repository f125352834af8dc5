import { z } from 'zod'
import { adminStateSchema } from '#lib/domain/farm.ts'
import { adminStateEtag, backendOf } from './backends.ts'
import { change } from './change-reply.ts'
import type { ChangeRequest } from './farms.ts'
import { existing } from './save.ts'

export const adminStateBodySchema = z.strictObject({ adminState: adminStateSchema }).meta({ id: 'AdminState' })

/** Enables, drains or disables a backend: the operator's most frequent act, with a version of its own. */
export function putAdminState(farm: string, name: string, { adminState }: z.output<typeof adminStateBodySchema>, { dryRun, ...request }: ChangeRequest): Promise<Response> {
  return change(
    {
      ...request,
      action: 'backend.admin-state',
      farm,
      target: `${farm}/${name}`,
      checksNetwork: false,
      resource: (stored) => ({ resource: { adminState: backendOf(stored.farm, name).adminState }, etag: adminStateEtag(stored, name) }),
      edit: (stored) => {
        const { farm: before } = existing(stored, farm)
        const backend = backendOf(before, name)
        return { ...before, backends: before.backends.map((one) => (one === backend ? { ...one, adminState } : one)) }
      },
    },
    dryRun,
  )
}
