import { doctorRunSchema, type DoctorRun, type DoctorScope } from '#lib/domain/doctor/run.ts'
import { doctorScheduleSchema, type DoctorSchedule } from '#lib/domain/doctor/schedule.ts'
import type { AdminState, FarmInput } from '#lib/domain/farm.ts'
import { changeReplySchema, createdTokenSchema, dryRunReplySchema, type ChangeReply, type CreatedToken, type DryRunReply, type TokenScope } from '#lib/domain/replies.ts'
import type { PrepSystem } from '#lib/prep/prep.ts'
import { prepLinkSchema, prepStateSchema, type PrepLink, type PrepState } from '#lib/prep/state.ts'
import { noContentSchema } from './answers.ts'
import { request } from './request.ts'
import { urls } from './urls.ts'

/** What must hold for a change to be made: nothing of that name is there, or it still is the version with this ETag. */
export type Precondition = { create: true } | { etag: string }

function condition(precondition: Precondition): Record<string, string> {
  return 'create' in precondition ? { 'if-none-match': '*' } : { 'if-match': precondition.etag }
}

export async function putFarm(name: string, body: FarmInput, precondition: Precondition): Promise<{ reply: ChangeReply; etag: string | null }> {
  const { data, etag } = await request(changeReplySchema, urls.farm(name), { method: 'PUT', body, headers: condition(precondition) })
  return { reply: data, etag }
}

/** Asks what `putFarm` would do: same checks, nothing saved. */
export async function tryFarm(name: string, body: FarmInput, precondition: Precondition): Promise<DryRunReply> {
  return (await request(dryRunReplySchema, urls.farm(name, true), { method: 'PUT', body, headers: condition(precondition) })).data
}

export async function deleteFarm(name: string, etag: string): Promise<ChangeReply> {
  return (await request(changeReplySchema, urls.farm(name), { method: 'DELETE', headers: condition({ etag }) })).data
}

export async function tryDeleteFarm(name: string, etag: string): Promise<DryRunReply> {
  return (await request(dryRunReplySchema, urls.farm(name, true), { method: 'DELETE', headers: condition({ etag }) })).data
}

/** The admin state is one value, so the last operator wins: no version is compared. */
export async function putAdminState(farm: string, backend: string, adminState: AdminState): Promise<ChangeReply> {
  return (await request(changeReplySchema, urls.adminState(farm, backend), { method: 'PUT', body: { adminState }, headers: condition({ etag: '*' }) })).data
}

export async function tryAdminState(farm: string, backend: string, adminState: AdminState): Promise<DryRunReply> {
  return (await request(dryRunReplySchema, urls.adminState(farm, backend, true), { method: 'PUT', body: { adminState }, headers: condition({ etag: '*' }) })).data
}

/** Remembers what a machine is prepared with. */
export async function putPrepSystem(farm: string, backend: string, system: PrepSystem): Promise<PrepState> {
  return (await request(prepStateSchema, urls.prepSystem(farm, backend), { method: 'PUT', body: { system } })).data
}

/** Hands in what a check printed, with whatever was copied around it. */
export async function sendReport(farm: string, backend: string, pasted: string): Promise<PrepState> {
  return (await request(prepStateSchema, urls.prepReport(farm, backend), { method: 'POST', text: pasted })).data
}

/** Makes a link for one machine, which ends the one that it had. */
export async function makePrepLink(farm: string, backend: string, system: PrepSystem): Promise<PrepLink> {
  return (await request(prepLinkSchema, urls.prepLink(farm, backend), { method: 'POST', body: { system } })).data
}

/** Starts a run; refused with 409 while one with the same scope is under way, which is `current` then. */
export async function startDoctor(scope: DoctorScope): Promise<DoctorRun> {
  return (await request(doctorRunSchema, urls.startDoctor, { method: 'POST', body: scope })).data
}

/** Sets when everything is examined: a cron expression, or null for never. */
export async function putDoctorSchedule(cron: string | null): Promise<DoctorSchedule> {
  return (await request(doctorScheduleSchema, urls.doctorSchedule, { method: 'PUT', body: { cron } })).data
}

export async function signIn(name: string, password: string): Promise<void> {
  await request(noContentSchema, urls.session, { method: 'POST', body: { name, password } })
}

export async function signOut(): Promise<void> {
  await request(noContentSchema, urls.session, { method: 'DELETE' })
}

export async function changePassword(current: string, next: string): Promise<void> {
  await request(noContentSchema, urls.password, { method: 'PUT', body: { current, next } })
}

export async function createToken(token: { name: string; scope: TokenScope; expiresAt: string | null }): Promise<CreatedToken> {
  const { name, scope, expiresAt } = token
  return (await request(createdTokenSchema, urls.tokens, { method: 'POST', body: expiresAt === null ? { name, scope } : { name, scope, expiresAt } })).data
}

export async function deleteToken(name: string): Promise<void> {
  await request(noContentSchema, urls.token(name), { method: 'DELETE' })
}
