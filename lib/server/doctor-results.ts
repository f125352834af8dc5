import { unexamined } from '#lib/domain/doctor/diagnose.ts'
import { doctorFarmSchema, type DoctorFarm } from '#lib/domain/doctor/run.ts'
import type { DoctorResult } from '#prisma/generated/client.ts'

/** What was found, as it was written down. What another version wrote and this one cannot read has its trouble instead. */
export function foundOf({ farmName, at, found }: Pick<DoctorResult, 'farmName' | 'at' | 'found'>): DoctorFarm {
  return doctorFarmSchema.safeParse(JSON.parse(found)).data ?? unexamined(farmName, at.toISOString(), 'Another version of the console wrote this result. Run the doctor again.')
}
