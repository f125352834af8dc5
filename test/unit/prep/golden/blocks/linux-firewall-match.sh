firewall_match_awk() {
  cat <<'AWK'
function bounds(text,   part, bits, digits, i, d, width) {
  if (split(text, part, "-") == 2) { low = hex(part[1]); high = hex(part[2]); return low != "" && high != "" }
  bits = -1
  if (split(text, part, "/") == 2) { if (part[2] !~ /^[0-9]+$/) return 0; bits = part[2] + 0 }
  low = high = hex(part[1])
  if (low == "") return 0
  if (bits < 0 || bits >= 4 * length(low)) return 1
  digits = int(bits / 4)
  d = index("0123456789abcdef", substr(low, digits + 1, 1)) - 1
  width = 16
  for (i = bits % 4; i > 0; i--) width /= 2
  d -= d % width
  high = substr(low, 1, digits) substr("0123456789abcdef", d + width, 1) substr("ffffffffffffffffffffffffffffffff", 1, length(low) - digits - 1)
  low = substr(low, 1, digits) substr("0123456789abcdef", d + 1, 1) substr("00000000000000000000000000000000", 1, length(low) - digits - 1)
  return 1
}
function has_address(text, address) {
  if (!bounds(text)) return unsure()
  return length(low) == length(address) && (low "") <= address && (high "") >= address ? 2 : 0
}
function unsure() {
  plain = 1
  return 1
}
# Names of services are for nft before 2018.
function port_number(text,   line, part) {
  if (text ~ /^[0-9]+$/) return text + 0
  if (!services_read) {
    services_read = 1
    while ((getline line < "/etc/services") > 0) if (split(line, part, /[ \t\/]+/) > 1) named[part[1]] = part[2]
  }
  return text in named ? named[text] + 0 : -1
}
function has_ports(text, first, last,   part, from_port, to_port) {
  to_port = from_port = port_number(split(text, part, "-") == 2 ? part[1] : text)
  if (part[2] != "") to_port = port_number(part[2])
  if (from_port < 0 || to_port < 0) return unsure()
  if (last < from_port || first > to_port) return 0
  return from_port <= first && to_port >= last ? 2 : unsure()
}
function has_device(text) {
  if (text == nic || text == "*") return 2
  return text ~ /\*$/ && index(nic, substr(text, 1, length(text) - 1)) == 1 ? 2 : 0
}
# A reply has everything the other way round.
function mirrored(key) {
  if (!sub(/daddr/, "saddr", key)) sub(/saddr/, "daddr", key)
  if (!sub(/dport$/, "sport", key)) sub(/sport$/, "dport", key)
  if (!sub(/iif/, "oif", key)) sub(/oif/, "iif", key)
  return key
}
# Is this value of one key that of the packet? The address of a client is not known: some are meant, but never one of no host.
function has(key, text,   part, n, i, best) {
  gsub(/"/, "", text)
  if (text == "*") return 2
  if (reply) key = mirrored(key)
  if (text == "unknown-set") return key ~ /^ip6? saddr$/ ? 1 : unsure()
  if (key ~ / daddr$/ && key ~ /^ip/) return has_address(text, address)
  if (key ~ / saddr$/ && key ~ /^ip/) {
    if (text ~ /\/0$/) return 2
    if (!bounds(text) || low == high) return 1
    if (length(low) == 8 && (low "" >= "e0000000" || high "" < "01000000" || substr(low, 1, 2) substr(high, 1, 2) == "7f7f")) return 0
    return substr(low, 1, 2) == substr(high, 1, 2) ? 1 : unsure()
  }
  if (key ~ / dport$/) return has_ports(text, first_port, last_port)
  if (key ~ / sport$/) return has_ports(text, 1024, 65535)
  if (key ~ /l4proto$|protocol$|nexthdr$/ && key != "meta protocol") return text == protocol || text == protocol_number ? 2 : 0
  if (key == "meta nfproto") return text == (af == "ip6" ? "ipv6" : "ipv4") ? 2 : 0
  if (key == "meta protocol" || key == "ether type") return text == af ? 2 : 0
  if (key ~ /iif(name)?$/) return reply && !symmetric ? unsure() : has_device(text)
  if (key ~ /oif(name)?$/ && key !~ /^fib/) return 0
  if (key ~ /pkttype$/) return text == "host" || text == "unicast" ? 2 : 0
  if (key ~ /mark$/) return marked ? unsure() : text ~ /^(0x)?0+$/ ? 2 : 0
  # With the interface in it, the address must be one of that interface to be local: the VIP on lo is not.
  if (key ~ /^fib daddr.* type$/) return text == (key ~ /iif/ && address != hex(rip) ? "unicast" : "local") ? 2 : 0
  if (key ~ /^fib saddr.* type$/) return text == "unicast" ? 2 : 0
  if (key ~ /^fib .*oif/ && text ~ /^(missing|0)$/) return symmetric ? 0 : unsure()
  if (key == "ct direction") return text == (reply ? "reply" : "original") ? 2 : 0
  if (key == "ct state" || key == "ct status") {
    n = split(text, part, ",")
    for (i = 1; i <= n; i++) if (part[i] == (key == "ct state" ? state : translated_by)) best = 2
    return best + 0
  }
  if (key == "tcp flags") return text == flag ? 2 : 0
  return unsure()
}
# Some keys are there for packets of one kind only, whatever they are compared with.
function applies(key,   word) {
  word = key
  sub(/ .*/, "", word)
  if (word == "ip" || word == "ip6") return word == af
  if (word ~ /^(tcp|udp|sctp)$/) return word == protocol
  return word !~ /^(never|udplite|dccp|icmp|icmpv6|igmp|arp|esp|ah|comp|vlan|frag|rt|hbh|dst|mh|exthdr)$/
}
AWK
}
