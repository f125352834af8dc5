/** Programs that read the kernel at the same time: more only wait for a processor, and each takes memory. */
export const readersAtOnce = 4

/** Like `Promise.all` over what `work` makes of the items, with at most `limit` under way at the same time. */
export async function mapAtMost<T, R>(limit: number, items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const take = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index] as T)
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, take))
  return results
}
