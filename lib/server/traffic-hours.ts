import { bucketsFromText, bucketsToText, historyHours, placeOf, type Bucket, type Hour } from '#lib/domain/traffic-history.ts'
import { db } from './db.ts'

/** What is stored of an hour: after a restart it is filled on. */
export async function loadHour(hour: number): Promise<Hour> {
  const rows = await db().trafficHour.findMany({ where: { hour } })
  return { hour, farms: new Map(rows.map(({ farmName, buckets }) => [farmName, bucketsFromText(buckets)])) }
}

/** Writes an hour over what was stored of it. */
export async function saveHour({ hour, farms }: Hour): Promise<void> {
  const rows = [...farms].map(([farmName, buckets]) => ({ farmName, hour, buckets: bucketsToText(buckets) }))
  await db().$transaction([db().trafficHour.deleteMany({ where: { hour } }), db().trafficHour.createMany({ data: rows })])
}

/** What is stored of a farm for the last 24 hours, oldest first. */
export async function loadFarmHours(farmName: string, now: Date): Promise<Array<{ hour: number; buckets: Bucket[] }>> {
  const rows = await db().trafficHour.findMany({ where: { farmName, hour: { gte: placeOf(now).hour - historyHours } }, orderBy: { hour: 'asc' } })
  return rows.map(({ hour, buckets }) => ({ hour, buckets: bucketsFromText(buckets) }))
}

/** Deletes the hours that no history shows any more. */
export async function forgetOldTraffic(): Promise<void> {
  await db().trafficHour.deleteMany({ where: { hour: { lt: placeOf(new Date()).hour - historyHours } } })
}
