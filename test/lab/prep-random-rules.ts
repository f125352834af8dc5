/** Random rule sets for a machine with the VIP 10.9.0.100, a service on port 80 and a card eth0, as nft and iptables-restore take them. */
type Random = () => number

const ports = ['80', '443', '22', '79-81', '1-1024', '81-90', '8000-8010']
/** None of them names a single client of 198.51.100.0/24. */
const sources = ['10.9.0.0/24', '203.0.113.0/24', '10.0.0.0/8', '8.8.8.8', '0.0.0.0/1', '128.0.0.0/1']
const destinations = ['10.9.0.100', '10.9.0.21', '10.9.0.0/24', '10.9.0.96/27', '10.0.0.0/8', '192.0.2.1', '10.9.0.0/26']

function tools(random: Random) {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T
  const times = <T>(low: number, high: number, make: () => T): T[] => Array.from({ length: low + Math.floor(random() * (high - low + 1)) }, make)
  return { pick, times, maybe: (text: string, share = 0.35): string => (random() < share ? text : '') }
}

export function nftRules(random: Random): string {
  const { pick, times, maybe } = tools(random)
  const match = (): string => {
    const not = maybe('!= ')
    return pick([
      () => `tcp dport ${not}${pick([...ports, '{ 80, 443 }', '{ 22, 90-99, 8080 }'])}`,
      () => `th dport ${not}${pick(ports)}`,
      () => `tcp dport ${pick(['<', '<=', '>', '>='])} ${pick(['80', '79', '81', '1024'])}`,
      () => `ip daddr ${not}${pick([...destinations, '{ 10.9.0.100, 192.0.2.0/24 }', '10.9.0.100-10.9.0.110', '@places', '@nowhere'])}`,
      () => `ip saddr ${not}${pick([...sources, '@clients'])}`,
      () => `iifname ${not}${pick(['"eth0"', '"lo"', '"eth*"', '{ "eth0", "eth1" }'])}`,
      () => `meta l4proto ${not}${pick(['tcp', 'udp', '{ tcp, udp }', 'icmp'])}`,
      () => `ct state ${not}${pick(['new', 'established,related', 'invalid', '{ new, untracked }'])}`,
      () => `fib daddr type ${not}${pick(['local', 'broadcast', '{ local, multicast }'])}`,
      () => `tcp flags ${pick(['& (fin|syn|rst|ack) == syn', 'syn', '& (fin|syn) == fin|syn', '& (fin|syn|rst|ack) != syn', '! syn', '& (syn|ack) == 0x0'])}`,
      () => `meta mark ${not}${pick(['0x0', '0x1'])}`,
      () => `ip daddr . tcp dport ${pick(['{ 10.9.0.100 . 80 }', '{ 10.9.0.100 . 443, 10.9.0.21 . 80 }', '{ 10.9.0.0/24 . 1-100 }'])}`,
      () => pick(['limit rate 10000/second', 'limit rate over 10000/second burst 1000 packets', 'log prefix "drop accept { "', 'udp dport 80', 'meta pkttype host', 'meta mark set 0x1']),
    ])()
  }
  const rule = (chains: readonly string[]): string => {
    const ways = ['accept', 'drop', 'return', ...chains.flatMap((chain) => [`jump ${chain}`, `goto ${chain}`])]
    const conditions = times(0, 3, match).join(' ')
    if (random() < 0.15) {
      return `${conditions} ${pick([`tcp dport vmap { 80 : ${pick(ways)}, 443 : ${pick(ways)} }`, `iifname vmap { "lo" : ${pick(ways)}, "eth0" : ${pick(ways)} }`, `ip saddr vmap { 203.0.113.0/24 : ${pick(ways)}, 8.8.8.8 : ${pick(ways)} }`, `ct state vmap { established : ${pick(ways)}, new : ${pick(ways)} }`])}`
    }
    return `${conditions} ${maybe('counter ', 0.5)}${pick([...ways, 'reject', 'continue'])}`
  }
  const chains = times(0, 3, () => '').map((_, index) => `c${index}`)
  const bodies = chains.map((chain, index) => `chain ${chain} {\n${times(1, 3, () => rule(chains.slice(index + 1))).join('\n')}\n}`).reverse()
  const base = `chain base {\ntype filter hook ${pick(['input', 'input', 'prerouting'])} priority 0; policy ${pick(['accept', 'drop'])};\n${times(1, 5, () => rule(chains)).join('\n')}\n}`
  const sets = 'set nowhere {\ntype ipv4_addr\n}\nset places {\ntype ipv4_addr\nflags interval\nelements = { 10.9.0.100, 10.20.0.0/16 }\n}\nset clients {\ntype ipv4_addr\nflags interval\nelements = { 203.0.113.0/24, 8.8.8.8 }\n}'
  return [`table ${pick(['inet', 'ip'])} made {`, sets, ...bodies, base, '}'].join('\n')
}

export function iptablesRules(random: Random): string {
  const { pick, times, maybe } = tools(random)
  const match = (): string => {
    const not = maybe('! ')
    return pick([
      () => `-p tcp -m tcp ${not}--dport ${pick(ports).replace('-', ':')}`,
      () => `-p tcp -m multiport ${not}--dports ${pick(['80,443', '22,90:99,8080'])}`,
      () => `-p tcp -m tcp ${not}--tcp-flags ${pick(['FIN,SYN,RST,ACK SYN', 'FIN,SYN FIN,SYN', 'ALL NONE', 'SYN NONE'])}`,
      () => `${not}-d ${pick(destinations)}`,
      () => `${not}-s ${pick(sources)}`,
      () => `${not}-i ${pick(['eth0', 'lo', 'eth+'])}`,
      () => `-m conntrack ${not}--ctstate ${pick(['NEW', 'RELATED,ESTABLISHED', 'INVALID', 'NEW,UNTRACKED'])}`,
      () => `-m addrtype ${not}--dst-type ${pick(['LOCAL', 'BROADCAST'])}`,
      () => pick([`-m mark ${not}--mark 0x1`, '-m limit --limit 10000/sec --limit-burst 10000', `-m iprange ${not}--dst-range 10.9.0.100-10.9.0.101`, '-m comment --comment "it has -j DROP"', `-m pkttype ${not}--pkt-type unicast`]),
    ])()
  }
  const rule = (chain: string, chains: readonly string[]): string => {
    const ways = ['-j ACCEPT', '-j DROP', '-j REJECT', '-j RETURN', '', '-j LOG --log-prefix "a -j ACCEPT"', '-j MARK --set-xmark 0x1/0xffffffff', ...chains.flatMap((each) => [`-j ${each}`, `-g ${each}`])]
    return `-A ${chain} ${match()} ${pick(ways)}`
  }
  const chains = times(0, 3, () => '').map((_, index) => `c${index}`)
  return [
    '*filter',
    `:INPUT ${pick(['ACCEPT', 'DROP'])} [0:0]`,
    ...chains.map((chain) => `:${chain} - [0:0]`),
    ...chains.flatMap((chain, index) => times(1, 3, () => rule(chain, chains.slice(index + 1)))),
    ...times(1, 5, () => rule('INPUT', chains)),
    'COMMIT',
  ].join('\n')
}
