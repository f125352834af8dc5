/**
 * What the doctor looks at, in the order of the matrix: the columns that each backend has a cell in. `asks` is the question that a
 * cell answers. A check that a mode or monitor does not have is `skipped`, one whose question stayed open is `unknown`.
 */
export const doctorChecks = {
  'network': { title: 'On the network', asks: 'Does it answer questions for its MAC address, and from the one in use?' },
  'subnet': { title: 'Same subnet', asks: 'Is it in a subnet of the interface, so that its frames can be addressed directly?' },
  'mtu': { title: 'MTU', asks: 'Do packets as large as the interface takes arrive?' },
  'rip': { title: 'Service at RIP', asks: 'Does the service answer at its own address?' },
  'vip': { title: 'Service at VIP', asks: 'Does it answer at every VIP, asked in the frames that traffic uses?' },
  'binding': { title: 'Bound to VIP', asks: 'Does the application listen at the VIP and not at its own address alone?' },
  'ports': { title: 'All ports', asks: 'Does it answer at every port of the farm, as the others do?' },
  'leak': { title: 'Silent for VIP', asks: 'Does it leave questions for the MAC address of a VIP unanswered?' },
  'sender': { title: 'ARP sender', asks: 'Does it ask with its own address and never with a VIP?' },
  'loop': { title: 'No loop', asks: 'Does it take packets for the VIP itself and not forward them?' },
  'prefix': { title: 'VIP prefix', asks: 'Does it reach the network, or does a VIP with a wide prefix make it deaf?' },
  'reply': { title: 'Direct replies', asks: 'Do its replies leave past the appliance?' },
  'kernel': { title: 'In the rules', asks: 'Do the rules in the kernel send to it, at the MAC address that it has?' },
  'preparation': { title: 'Preparation', asks: 'What did the check of its preparation say last, and when?' },
} as const satisfies Record<string, { title: string; asks: string }>

export type DoctorCheck = keyof typeof doctorChecks

export const doctorCheckNames = Object.keys(doctorChecks) as [DoctorCheck, ...DoctorCheck[]]

/** `skipped`: has no meaning for this farm or backend; `unknown`: could not be found out. */
export const doctorVerdicts = ['ok', 'warn', 'fail', 'unknown', 'skipped'] as const
export type DoctorVerdict = (typeof doctorVerdicts)[number]
