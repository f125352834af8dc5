# Sockets that wait for clients, after a line that says where they come from.
sockets() {
  if command -v ss >/dev/null; then
    say "from ss4"
    ss -4 -lntu
    say "from ss6"
    ss -6 -lntu
  elif command -v netstat >/dev/null; then
    say "from netstat"
    netstat -lntuW 2>/dev/null || netstat -lntu
  else
    say "from nowhere"
  fi
  say "from sctp"
  cat /proc/net/sctp/eps 2>/dev/null || true
}

# ss writes * for a socket of both families and [::] for IPv6 alone; netstat and ss before 2018 write :: for either.
listeners_awk() {
  cat <<'AWK'
function socket(protocol, text, port) {
  bound = ""
  if (match(text, /%[^]:]*/)) { bound = substr(text, RSTART + 1, RLENGTH - 1); text = substr(text, 1, RSTART - 1) substr(text, RSTART + RLENGTH) }
  kind[++count] = protocol
  at[count] = text
  number[count] = port + 0
  device[count] = bound
  six[count] = from == "ss6" || (from == "netstat" && text ~ /:/)
}
function takes(i, wanted,   ipv6) {
  ipv6 = length(wanted) == 32
  if (device[i] != "" && device[i] != nic) return 0
  if (at[i] == "*") return ipv6 && !six[i] ? 0 : 2
  if (at[i] == "0.0.0.0") return ipv6 ? 0 : 2
  if (at[i] == "[::]") return ipv6 ? 2 : 0
  if (at[i] == "::" || at[i] ~ /^0000:[0:]*$/) return ipv6 ? 2 : 1
  gsub(/[][]/, "", at[i])
  return hex(at[i]) == wanted ? 3 : 0
}
function judge(vip, protocol, ports, wanted, first, last,   i, how, best, others) {
  service = vip "/" protocol
  for (i = 1; i <= count; i++) {
    if (kind[i] != protocol || number[i] < first || number[i] > last) continue
    how = takes(i, wanted)
    if (how > best) best = how
    if (how == 0 && index(" " others " ", " " at[i] " ") == 0) others = others (others == "" ? "" : " ") at[i]
  }
  if (best == 3 || (best == 2 && (protocol != "udp" || target != ""))) note("listener", "ok", service, ports, "")
  # udp(7): a datagram from such a socket leaves with the address of the interface, unless the application sets another (IP_PKTINFO). NAT puts that right.
  else if (best == 2) note("listener-every-address", "warn", service, ports, "")
  else if (best == 1) note("listener", "warn", service, ports, "it listens on ::, which is IPv6 alone or both")
  else if (others != "") note("listener-elsewhere", "fail", service, ports, others)
  else note("listener", "fail", service, ports, "")
}
function judge_all(   n, i, part, m, j, range, service_list, ports, edge, to) {
  n = split(services, service_list, " ")
  for (i = 1; i <= n; i++) {
    split(service_list[i], part, "/")
    m = split(part[3], ports, ",")
    for (j = 1; j <= m; j++) {
      if (from_nowhere) { note("listener", "warn", part[1] "/" part[2], ports[j], "neither ss nor netstat is here"); continue }
      if (ports[j] == "any") { note("listener", "warn", part[1] "/" part[2], "any", "it is for every port"); continue }
      range = part[1] "/" part[2] "/" ports[j]
      if (range in sent && split(sent[range], to, " ") < 2) { note("listener", "warn", part[1] "/" part[2], ports[j], "NAT hands it on before any application sees it"); continue }
      split(range in sent ? to[2] : ports[j], edge, "-")
      judge(part[1], part[2], ports[j], hex(range in sent ? to[1] : target == "" ? part[1] : target), edge[1] + 0, (edge[2] == "" ? edge[1] : edge[2]) + 0)
    }
  }
}
$1 == "from" { from = $2; if (from == "nowhere") from_nowhere = 1; next }
from == "nat" { if (NF > 1) sent[$2] = $3 " " $4; next }
from == "sctp" { if ($4 == 10) for (i = 9; i <= NF; i++) socket("sctp", $i, $6); next }
{
  protocol = $1
  sub(/6$/, "", protocol)
  text = from == "netstat" ? $4 : $5
  if ((protocol == "tcp" || protocol == "udp") && match(text, /:[0-9]+$/)) socket(protocol, substr(text, 1, RSTART - 1), substr(text, RSTART + 1))
}
END { judge_all(); print_notes() }
AWK
}

check_listeners() {
  judged=$({
    sockets
    say "from nat"
    say "$2"
  } | awk -v services="$SERVICES" -v target="$1" -v nic="$NIC" "$(awk_library; listeners_awk)") || judged=
  judged_items listener "$judged"
}
