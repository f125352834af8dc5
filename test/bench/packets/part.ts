import type { Part } from '../part.ts'
import { measurePackets } from './measure.ts'
import { packetSection } from './table.ts'

export const packetsPart: Part = { title: 'What a packet costs', run: async () => packetSection(await measurePackets()) }
