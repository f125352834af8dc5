firewall_translator_awk() {
  cat <<'AWK'
function comparison(key, negated, value) {
  return key (negated ? " != " : " ") value " "
}
function port_list(text,   n, part, i, out) {
  n = split(text, part, ",")
  for (i = 1; i <= n; i++) {
    if (part[i] ~ /^:/) part[i] = "0" part[i]
    if (part[i] ~ /:$/) part[i] = part[i] "65535"
    sub(/:/, "-", part[i])
    out = out (i > 1 ? " , " : "") part[i]
  }
  return n > 1 ? "{ " out " }" : out
}
function verdict_of(target, table, rest) {
  if (target == "ACCEPT" || target == "TPROXY") return "accept"
  if (target == "DROP" || target == "TARPIT" || target == "STEAL") return "drop"
  if (target == "REJECT" || target == "RETURN") return tolower(target)
  if (target == "DNAT") return "dnat to " rest
  if (target == "REDIRECT") return "redirect" (rest == "" ? "" : " to :" rest)
  if (target == "MARK" || target == "CONNMARK") return "meta mark set " (rest ~ /^0x0(\/|$)/ ? "0x0" : rest)
  if (target == "NOTRACK" || (target == "CT" && rest == "notrack")) return "notrack"
  if (target ~ /^(LOG|NFLOG|ULOG|SECMARK|CONNSECMARK|CT|TRACE|AUDIT|SET|TCPMSS|TTL|HL|DSCP|TOS|CLASSIFY|CHECKSUM|TEE|RATEEST|IDLETIMER|TCPOPTSTRIP|ECN)$/) return "continue"
  return (table " " target) in size ? "jump " target : "queue"
}
function flag_list(text) {
  return text == "NONE" ? "0x0" : text == "ALL" ? "fin,syn,rst,psh,ack,urg" : tolower(text)
}
# One option with its argument; "" when it says nothing about which packets are meant.
function option(name, value, more, negated) {
  if (name == "-p") return comparison("meta l4proto", negated, value)
  if (name == "-d" || name == "--dst-range") return comparison(af " daddr", negated, value)
  if (name == "-s" || name == "--src-range") return comparison(af " saddr", negated, value)
  if (name == "-i" || name == "-o") { sub(/\+$/, "*", value); return comparison(name == "-i" ? "iifname" : "oifname", negated, value) }
  if (name ~ /^--(dport|destination-port)s?$/) return comparison("th dport", negated, port_list(value))
  if (name ~ /^--(sport|source-port)s?$/) return comparison("th sport", negated, port_list(value))
  if (name == "--ctstate" || name == "--state") return comparison("ct state", negated, tolower(value))
  if (name == "--ctstatus") return comparison("ct status", negated, tolower(value))
  if (name == "--dst-type") return comparison(limited ? "fib daddr . iif type" : "fib daddr type", negated, tolower(value))
  if (name == "--src-type") return comparison("fib saddr type", negated, tolower(value))
  if (name == "--pkt-type") return comparison("pkttype", negated, value == "unicast" ? "host" : value)
  if (name == "--mark") { sub(/\/.*/, "", value); return comparison("meta mark", negated, value) }
  if (name == "--tcp-flags") { return "tcp flags " (negated ? "!= " : "") flag_list(more) " / " flag_list(value) " " }
  if (name == "--match-set" && more ~ /^src/) return comparison(af " saddr", negated, "@" value)
  if (name == "--match-set" && more == "dst") return comparison(af " daddr", negated, "@" value)
  if (name == "--invert") return "fib saddr . iif oif missing "
  if (name == "-f" || name ~ /^--(update|rcheck|hashlimit-above|connlimit-above|header|(rt|hbh|dst|frag|ah|esp|mh)-?(type|segsleft|len|0-.*|opts|id|first|more|last|res|spi))$/) return negated ? "" : "never "
  if (name ~ /^--(limit|limit-burst|hashlimit-.*|connlimit-.*|set|name|mask|rsource|rdest|seconds|hitcount|rttl|reap|comment|loose|validmark|accept-local|icmp-type|icmpv6-type|limit-iface-in|dir)$/) return ""
  if (name == "--pol") return value == "none" ? "" : "never "
  return "unknown "
}
function translate(text, table,   n, part, i, j, out, negated, name) {
  n = split(text, part, " ")
  limited = text ~ / --limit-iface-in/
  for (i = 3; i <= n; i = j) {
    j = i + 1
    if (part[i] == "!") { negated = 1; continue }
    name = part[i]
    # An option goes on until the next one.
    while (j <= n && part[j] !~ /^(-[a-z-]|!$)/) j++
    if (name == "-j" || name == "-g") {
      if (name == "-g") return out "goto " part[i + 1]
      for (j = i + 2; j < n && part[j] !~ /^--(to|set-)/; j++) ;
      return out verdict_of(part[i + 1], table, j < n ? part[j + 1] : part[i + 2] == "--notrack" ? "notrack" : "")
    }
    if (name != "-m") out = out option(name, part[i + 1], part[i + 2], negated)
    negated = 0
  }
  return out
}
AWK
}
