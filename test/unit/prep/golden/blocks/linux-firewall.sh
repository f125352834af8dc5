firewall_judge_awk() {
  cat <<'AWK'
function judge_chain(chain) {
  allowed = denied = denied_surely = 0
  doubted = denied_by = ""
  if (walk(chain, "", 0) == 0) {
    if (policy[chain] == "accept") allowed = 1
    else deny(chain ": policy drop", 1)
  }
  if (!denied || outcome == "fail") return
  if (!allowed) { outcome = "fail"; found = denied_by }
  else if (outcome == "ok") { outcome = "warn"; found = doubted == "" ? denied_by : doubted }
}
function judge_hook(at, of_nat,   i) {
  for (i = 1; i <= base_count; i++) if (hook[bases[i]] == at && nat[bases[i]] == of_nat) judge_chain(bases[i])
}
# Where NAT sends a connection. To this host: it goes on with another address or port. To another: no application here ever sees it.
function judge_nat(vip, ports,   to, was) {
  sent_to = translated_by = ""
  was = outcome
  judge_hook("prerouting", 1)
  outcome = was
  if (sent_to == "") return 1
  to = sent_to
  sub(/^[a-z]+ (ip6? )?(to )?/, "", to)
  sub(/ .*/, "", to)
  if (match(to, /:[0-9]+$/) && (to !~ /:.*:/ || to ~ /\]:/)) { first_port = last_port = substr(to, RSTART + 1) + 0; to = substr(to, 1, RSTART - 1) }
  gsub(/[][]/, "", to)
  if (sent_to ~ /^redirect/) to = rip
  if (!sent_surely || hex(to) != hex(rip)) {
    print "nat", vip "/" protocol "/" ports
    if (outcome == "ok") { outcome = "warn"; found = sent_by }
    return 0
  }
  print "nat", vip "/" protocol "/" ports, rip, first_port (last_port > first_port ? "-" last_port : "")
  address = hex(rip)
  translated_by = "dnat"
  return 1
}
# NAT gives a reply its address back behind the hooks of the filter.
function judge_reply(vip) {
  reply = 1
  judge_hook("output", 0)
  judge_hook("postrouting", 0)
  address = hex(vip)
  judge_hook("egress", 0)
  reply = 0
}
# The first packet of a connection, one of those that follow, and the reply.
function judge(vip, ports,   edge, phase) {
  split(ports == "any" ? "0-65535" : ports, edge, "-")
  outcome = "ok"
  found = ""
  steps = 0
  for (phase = 1; phase <= 2; phase++) {
    state = phase == 1 ? "new" : "established"
    flag = phase == 1 ? "syn" : "ack"
    marked = 0
    address = hex(vip)
    first_port = edge[1] + 0
    last_port = (edge[2] == "" ? edge[1] : edge[2]) + 0
    judge_hook("ingress", 0)
    judge_hook("prerouting", 0)
    if (phase == 1) { here = judge_nat(vip, ports); local_address = address; local_first = first_port; local_last = last_port }
    address = local_address
    first_port = local_first
    last_port = local_last
    if (here) judge_hook("input", 0)
  }
  if (here) judge_reply(vip)
  if (outcome != "fail" && problem != "") { outcome = "warn"; found = problem }
  note("firewall", outcome, vip "/" protocol, ports, found)
}
END {
  verdicts = "^(accept|drop|reject|return|jump|goto|queue|dnat|redirect|fwd|dup|synproxy|tproxy)$"
  if (problem == "" && readable["nft"] == 0 && ("nft" in readable)) problem = "nft cannot read the rules"
  count = split(services, list, " ")
  for (s = 1; s <= count; s++) {
    split(list[s], part, "/")
    protocol = part[2]
    protocol_number = protocol == "tcp" ? 6 : protocol == "udp" ? 17 : 132
    n = split(part[3], ranges, ",")
    for (p = 1; p <= n; p++) judge(part[1], ranges[p])
  }
  print_notes()
}
AWK
}

# Why the rules cannot be read, or not all of them.
firewall_problem() {
  if [ "$(id -u)" != 0 ]; then
    say "only root can read its rules"
  elif ! command -v nft >/dev/null && ! command -v "$1" >/dev/null; then
    say "there is no nft and no $1 to read its rules"
  elif [ -n "$(cat "/proc/net/$2_tables_names" 2>/dev/null)" ] && ! command -v "$1" >/dev/null; then
    say "there is no $1 to read all of its rules"
  fi
}

read_firewall() {
  if [ "$FAMILY" = 6 ]; then af=ip6; else af=ip; fi
  answer=$(firewall_sources | awk -v services="$SERVICES" -v rip="$RIP" -v nic="$NIC" -v af="$af" -v symmetric="$SYMMETRIC" \
    -v problem="$(firewall_problem "${af}tables-save" "$af")" "$(awk_library; firewall_reader_awk; firewall_translator_awk; firewall_match_awk; firewall_walk_awk; firewall_judge_awk)") || answer=
  FIREWALL=$(say "$answer" | grep '^firewall ' || true)
  TRANSLATED=$(say "$answer" | grep '^nat ' || true)
}

check_firewall() {
  judged_items firewall "$FIREWALL"
}

# What is no matter of this script, but keeps clients out all the same. Requests arrive at the address $1, or at the VIP.
check_surroundings() {
  read_ways
  read_firewall
  check_listeners "$1" "$TRANSLATED"
  check_firewall
  check_reverse_path
  check_gateway
}
