import { hashTokens, type HashToken, type Mode } from '#lib/domain/farm.ts'
import { tokenWords } from '#components/farms/words.ts'

/** The tokens a farm of this mode can use. In mode dsr the client's MAC is replaced before it is read; where it is chosen already it stays, so that it can be taken off. */
export function tokenChoices(mode: Mode, chosen: readonly HashToken[]): Array<{ value: HashToken; label: string }> {
  return hashTokens.filter((token) => token !== 'srcmac' || mode !== 'dsr' || chosen.includes(token)).map((value) => ({ value, label: tokenWords[value] }))
}
