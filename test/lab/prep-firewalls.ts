export type FirewallTool = 'nft' | 'iptables' | 'iptables-legacy' | 'ip6tables'

/**
 * Rules of a machine whose application takes clients of any network on port 80 of 10.9.0.100, or of fd09::100. The check must say
 * `verdict` and, when it is not ok, show a rule with `shows` in it.
 */
export type Firewall = { what: string; tool: FirewallTool; family?: 'IPv4' | 'IPv6'; rules: string; verdict: 'ok' | 'fail' | 'warn'; shows?: string }

const input = (rules: string, policy = 'accept'): string => `table inet filter {\n chain input {\n  type filter hook input priority 0; policy ${policy};\n${rules}\n }\n}`

const established = 'ct state established,related accept\n iif lo accept\n'

const firewalld = (allowed: string): string => `table inet firewalld {
 chain filter_PREROUTING {
  type filter hook prerouting priority filter + 10; policy accept;
  icmpv6 type { nd-router-advert, nd-neighbor-solicit } accept
  meta nfproto ipv6 fib saddr . mark . iif oif missing drop
 }
 chain mangle_PREROUTING {
  type filter hook prerouting priority mangle + 10; policy accept;
  jump mangle_PREROUTING_ZONES
 }
 chain mangle_PREROUTING_ZONES {
  iifname "eth0" goto mangle_PRE_public
  goto mangle_PRE_public
 }
 chain mangle_PRE_public {
 }
 chain nat_PREROUTING {
  type nat hook prerouting priority dstnat + 10; policy accept;
 }
 chain filter_INPUT {
  type filter hook input priority filter + 10; policy accept;
  ct state { established, related } accept
  ct status dnat accept
  iifname "lo" accept
  ct state invalid drop
  jump filter_INPUT_ZONES
  reject with icmpx admin-prohibited
 }
 chain filter_INPUT_ZONES {
  iifname "eth0" goto filter_IN_public
  goto filter_IN_public
 }
 chain filter_IN_public {
  jump filter_IN_public_deny
  jump filter_IN_public_allow
  meta l4proto { icmp, ipv6-icmp } accept
 }
 chain filter_IN_public_deny {
 }
 chain filter_IN_public_allow {
  tcp dport 22 accept
  ${allowed}
 }
 chain filter_FORWARD {
  type filter hook forward priority filter + 10; policy accept;
  ct state { established, related } accept
  ct state invalid drop
  reject with icmpx admin-prohibited
 }
 chain filter_OUTPUT {
  type filter hook output priority filter + 10; policy accept;
  ct state { established, related } accept
  oifname "lo" accept
 }
}`

const ufw = (allowed: string): string => `*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:ufw-after-input - [0:0]
:ufw-after-logging-input - [0:0]
:ufw-before-input - [0:0]
:ufw-before-logging-input - [0:0]
:ufw-logging-deny - [0:0]
:ufw-not-local - [0:0]
:ufw-reject-input - [0:0]
:ufw-skip-to-policy-input - [0:0]
:ufw-track-input - [0:0]
:ufw-user-input - [0:0]
:ufw-user-limit - [0:0]
:ufw-user-limit-accept - [0:0]
-A INPUT -j ufw-before-logging-input
-A INPUT -j ufw-before-input
-A INPUT -j ufw-after-input
-A INPUT -j ufw-after-logging-input
-A INPUT -j ufw-reject-input
-A INPUT -j ufw-track-input
-A ufw-after-input -p udp -m udp --dport 137 -j ufw-skip-to-policy-input
-A ufw-after-input -p tcp -m tcp --dport 445 -j ufw-skip-to-policy-input
-A ufw-after-input -m addrtype --dst-type BROADCAST -j ufw-skip-to-policy-input
-A ufw-after-logging-input -m limit --limit 3/min --limit-burst 10 -j LOG --log-prefix "[UFW BLOCK] "
-A ufw-before-input -i lo -j ACCEPT
-A ufw-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A ufw-before-input -m conntrack --ctstate INVALID -j ufw-logging-deny
-A ufw-before-input -m conntrack --ctstate INVALID -j DROP
-A ufw-before-input -p icmp -m icmp --icmp-type 8 -j ACCEPT
-A ufw-before-input -p udp -m udp --sport 67 --dport 68 -j ACCEPT
-A ufw-before-input -j ufw-not-local
-A ufw-before-input -d 224.0.0.251/32 -p udp -m udp --dport 5353 -j ACCEPT
-A ufw-before-input -j ufw-user-input
-A ufw-logging-deny -m limit --limit 3/min --limit-burst 10 -j LOG --log-prefix "[UFW BLOCK] "
-A ufw-not-local -m addrtype --dst-type LOCAL -j RETURN
-A ufw-not-local -m addrtype --dst-type MULTICAST -j RETURN
-A ufw-not-local -m addrtype --dst-type BROADCAST -j RETURN
-A ufw-not-local -m limit --limit 3/min --limit-burst 10 -j ufw-logging-deny
-A ufw-not-local -j DROP
-A ufw-skip-to-policy-input -j DROP
-A ufw-user-input -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -m recent --set --name DEFAULT --mask 255.255.255.255 --rsource
-A ufw-user-input -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -m recent --update --seconds 30 --hitcount 6 --name DEFAULT --mask 255.255.255.255 --rsource -j ufw-user-limit
-A ufw-user-input -p tcp -m tcp --dport 22 -j ufw-user-limit-accept
${allowed}
-A ufw-user-limit -m limit --limit 3/min -j LOG --log-prefix "[UFW LIMIT BLOCK] "
-A ufw-user-limit -j REJECT --reject-with icmp-port-unreachable
-A ufw-user-limit-accept -j ACCEPT
COMMIT`

const docker = `*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A DOCKER -i docker0 -j RETURN
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8443 -j DNAT --to-destination 172.17.0.2:443
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER - [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 443 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A DOCKER-USER -j RETURN
COMMIT`

const filter = (rules: string, policy = 'ACCEPT'): string => `*filter\n:INPUT ${policy} [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${rules}\nCOMMIT`

const both = ['iptables', 'iptables-legacy'] as const

export const firewalls: Firewall[] = [
  // What people have, and what must not be taken for a mistake.
  { what: 'no rules at all', tool: 'nft', rules: '', verdict: 'ok' },
  { what: 'a host firewall with the port in a set', tool: 'nft', rules: input(`${established} ct state invalid drop\n tcp dport { 22, 80, 443 } accept`, 'drop'), verdict: 'ok' },
  { what: 'a named set of ports with ranges', tool: 'nft', rules: `table inet filter {\n set open {\n  type inet_service\n  flags interval\n  elements = { 22, 80-90 }\n }\n chain input {\n  type filter hook input priority 0; policy drop;\n  tcp dport @open accept\n }\n}`, verdict: 'ok' },
  { what: 'the VIP and the port', tool: 'nft', rules: input(`${established} ip daddr 10.9.0.100 tcp dport 80 ct state new accept`, 'drop'), verdict: 'ok' },
  { what: 'the network of the VIP', tool: 'nft', rules: input('ip daddr 10.9.0.0/24 meta l4proto tcp th dport 1-1024 counter accept', 'drop'), verdict: 'ok' },
  { what: 'a chain for the card', tool: 'nft', rules: `table ip filter {\n chain web {\n  tcp dport 80 accept\n }\n chain input {\n  type filter hook input priority 0; policy drop;\n  iifname vmap { "lo" : accept, "eth0" : jump web }\n }\n}`, verdict: 'ok' },
  { what: 'a map of verdicts', tool: 'nft', rules: input('ct state vmap { established : accept, related : accept, invalid : drop }\n tcp dport vmap { 22 : accept, 80 : accept }\n log prefix "no: " reject'), verdict: 'ok' },
  { what: 'only packets with syn', tool: 'nft', rules: input(`ct state new tcp flags != syn drop\n ${established} tcp flags & (fin|syn|rst|ack) == syn tcp dport 80 accept`, 'drop'), verdict: 'ok' },
  { what: 'too many connections at a time are dropped', tool: 'nft', rules: input('tcp dport 80 ct state new limit rate over 1000/second drop'), verdict: 'ok' },
  { what: 'some clients are locked out', tool: 'nft', rules: `table inet filter {\n set bad {\n  type ipv4_addr\n  flags interval\n  elements = { 192.0.2.0/24, 203.0.113.7 }\n }\n chain input {\n  type filter hook input priority 0; policy accept;\n  ip saddr @bad drop\n  ip saddr 192.0.2.9 tcp dport 80 reject\n }\n}`, verdict: 'ok' },
  { what: 'nothing may be forwarded', tool: 'nft', rules: 'table inet filter {\n chain forward {\n  type filter hook forward priority 0; policy drop;\n }\n}', verdict: 'ok' },
  { what: 'another card and another address are closed', tool: 'nft', rules: input('iifname "eth1" drop\n ip daddr 10.9.0.21 tcp dport 80 drop\n ip6 daddr ::/0 drop'), verdict: 'ok' },
  { what: 'a filter of another family', tool: 'nft', rules: 'table ip6 filter {\n chain input {\n  type filter hook input priority 0; policy drop;\n }\n}', verdict: 'ok' },
  { what: 'a check of the way back that is symmetric', tool: 'nft', rules: 'table inet filter {\n chain pre {\n  type filter hook prerouting priority -300; policy accept;\n  fib saddr . iif oif missing drop\n  fib daddr type != { local, broadcast, multicast } drop\n }\n}', verdict: 'ok' },
  { what: 'firewalld with the port', tool: 'nft', rules: firewalld('tcp dport 80 accept'), verdict: 'ok' },
  ...both.map((tool): Firewall => ({ what: 'ufw with the port', tool, rules: ufw('-A ufw-user-input -p tcp -m tcp --dport 80 -j ACCEPT'), verdict: 'ok' })),
  { what: 'ufw with the VIP and the port', tool: 'iptables', rules: ufw('-A ufw-user-input -d 10.9.0.100/32 -p tcp -m tcp --dport 80 -j ACCEPT'), verdict: 'ok' },
  { what: 'ufw with several ports', tool: 'iptables', rules: ufw('-A ufw-user-input -p tcp -m multiport --dports 80,443,8000:8010 -j ACCEPT'), verdict: 'ok' },
  ...both.map((tool): Firewall => ({ what: 'docker', tool, rules: docker, verdict: 'ok' })),
  { what: 'a range of addresses', tool: 'iptables', rules: filter('-A INPUT -m iprange --dst-range 10.9.0.90-10.9.0.110 -p tcp -m tcp --dport 80 -j ACCEPT', 'DROP'), verdict: 'ok' },

  // The first packet gets in, and nothing after it.
  { what: 'new connections alone', tool: 'nft', rules: input('ip daddr 10.9.0.100 tcp dport 80 ct state new accept', 'drop'), verdict: 'fail', shows: 'policy drop' },
  { what: 'new connections alone', tool: 'iptables', rules: filter('-A INPUT -p tcp -m tcp --dport 80 -m conntrack --ctstate NEW -j ACCEPT', 'DROP'), verdict: 'fail', shows: 'policy drop' },

  // Row I of the catalogue: drop, reject, reset; by a rule or by the policy.
  { what: 'a drop of the port', tool: 'nft', rules: input('tcp dport 80 drop'), verdict: 'fail', shows: 'tcp dport 80 drop' },
  { what: 'a reject of the port', tool: 'nft', rules: input('tcp dport 80 reject'), verdict: 'fail', shows: 'reject' },
  { what: 'a reset of the port', tool: 'nft', rules: input('tcp dport 80 reject with tcp reset'), verdict: 'fail', shows: 'reject with tcp reset' },
  { what: 'a policy that drops', tool: 'nft', rules: input(`${established} tcp dport 22 accept`, 'drop'), verdict: 'fail', shows: 'policy drop' },
  { what: 'a drop of the VIP', tool: 'nft', rules: input('ip daddr { 10.9.0.99, 10.9.0.100 } counter drop'), verdict: 'fail', shows: 'drop' },
  { what: 'the port of the own address alone', tool: 'nft', rules: input(`${established} ip daddr 10.9.0.21 tcp dport 80 accept`, 'drop'), verdict: 'fail', shows: 'policy drop' },
  { what: 'a map of verdicts without the port', tool: 'nft', rules: input('tcp dport vmap { 22 : accept, 80 : drop }'), verdict: 'fail' },
  { what: 'a chain at the end', tool: 'nft', rules: `table inet filter {\n chain last {\n  reject\n }\n chain input {\n  type filter hook input priority 0; policy accept;\n  tcp dport != 22 goto last\n }\n}`, verdict: 'fail', shows: 'reject' },
  { what: 'a second table that drops', tool: 'nft', rules: `${input('tcp dport 80 accept')}\ntable ip later {\n chain input {\n  type filter hook input priority 10; policy drop;\n  tcp dport 22 accept\n }\n}`, verdict: 'fail', shows: 'policy drop' },
  { what: 'a drop before routing', tool: 'nft', rules: 'table ip early {\n chain pre {\n  type filter hook prerouting priority -300; policy accept;\n  ip daddr 10.9.0.100 drop\n }\n}', verdict: 'fail', shows: 'drop' },
  { what: 'a drop at the card', tool: 'nft', rules: 'table netdev early {\n chain in {\n  type filter hook ingress device "eth0" priority 0; policy accept;\n  ip protocol tcp tcp dport 80 drop\n }\n}', verdict: 'fail', shows: 'drop' },
  { what: 'firewalld without the port', tool: 'nft', rules: firewalld('tcp dport 443 accept'), verdict: 'fail', shows: 'reject with icmpx' },
  { what: 'answers that may not leave', tool: 'nft', rules: 'table inet filter {\n chain output {\n  type filter hook output priority 0; policy accept;\n  tcp sport 80 drop\n }\n}', verdict: 'fail', shows: 'tcp sport 80 drop' },
  { what: 'answers of strange sources may not leave', tool: 'iptables', rules: '*filter\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT ! -s 10.9.0.21/32 -o eth0 -j DROP\nCOMMIT', verdict: 'fail', shows: '-j DROP' },
  { what: 'the host example of nft(8)', tool: 'nft', rules: 'table inet filter {\n chain pre {\n  type filter hook prerouting priority -300; policy accept;\n  fib daddr . iif type != { local, broadcast, multicast } drop\n }\n}', verdict: 'fail', shows: 'drop' },
  ...both.flatMap((tool): Firewall[] => [
    { what: 'a drop of the port', tool, rules: filter('-A INPUT -p tcp -m tcp --dport 80 -j DROP'), verdict: 'fail', shows: '--dport 80 -j DROP' },
    { what: 'a reject of the port', tool, rules: filter('-A INPUT -p tcp -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable'), verdict: 'fail', shows: '-j REJECT' },
    { what: 'a reset of the port', tool, rules: filter('-A INPUT -p tcp -m tcp --dport 80 -j REJECT --reject-with tcp-reset'), verdict: 'fail', shows: 'tcp-reset' },
    { what: 'a policy that drops', tool, rules: filter('-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A INPUT -i lo -j ACCEPT\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT', 'DROP'), verdict: 'fail', shows: 'policy drop' },
    { what: 'ufw without the port', tool, rules: ufw('-A ufw-user-input -p tcp -m tcp --dport 443 -j ACCEPT'), verdict: 'fail', shows: 'policy drop' },
  ]),
  { what: 'a drop in the raw table', tool: 'iptables', rules: '*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A PREROUTING -d 10.9.0.100/32 -p tcp -m tcp --dport 80 -j DROP\nCOMMIT', verdict: 'fail', shows: '-j DROP' },

  // IPv6, where the machine must be found by its neighbours.
  { what: 'the VIP and the port', tool: 'nft', family: 'IPv6', rules: input(`${established} icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept\n ip6 daddr fd09::100 tcp dport 80 accept`, 'drop'), verdict: 'ok' },
  { what: 'a filter of another family', tool: 'nft', family: 'IPv6', rules: 'table ip filter {\n chain input {\n  type filter hook input priority 0; policy drop;\n }\n}', verdict: 'ok' },
  { what: 'the port of the own address alone', tool: 'nft', family: 'IPv6', rules: input(`${established} meta l4proto ipv6-icmp accept\n ip6 daddr fd09::21 tcp dport 80 accept`, 'drop'), verdict: 'fail', shows: 'policy drop' },
  { what: 'a drop of the network of the VIP', tool: 'nft', family: 'IPv6', rules: input('ip6 daddr fd09::/64 tcp dport 80 drop'), verdict: 'fail', shows: 'drop' },
  { what: 'the port', tool: 'ip6tables', family: 'IPv6', rules: filter('-A INPUT -p ipv6-icmp -j ACCEPT\n-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT', 'DROP'), verdict: 'ok' },
  { what: 'a reset of the VIP', tool: 'ip6tables', family: 'IPv6', rules: filter('-A INPUT -d fd09::100/128 -p tcp -j REJECT --reject-with tcp-reset'), verdict: 'fail', shows: 'tcp-reset' },

  // What depends on the client is not called right.
  { what: 'clients of one network alone', tool: 'nft', rules: input('ip saddr 10.0.0.0/8 tcp dport 80 accept', 'drop'), verdict: 'warn' },
  { what: 'clients of one network alone', tool: 'iptables', rules: filter('-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 80 -j ACCEPT', 'DROP'), verdict: 'warn' },
]
