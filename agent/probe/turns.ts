/**
 * Hands values on in the order in which they came under the same id, however long some of them take. What does not have to wait for
 * anything is handed on at once. Promises must not reject.
 */
export function openTurns(): <T>(id: string, value: T | Promise<T>, hand: (value: T) => unknown) => void {
  const last = new Map<string, Promise<unknown>>()
  return (id, value, hand) => {
    const before = last.get(id)
    if (!before && !(value instanceof Promise)) return void hand(value)
    const mine = Promise.all([value, before]).then(([one]) => {
      if (last.get(id) === mine) last.delete(id)
      hand(one)
    })
    last.set(id, mine)
  }
}
