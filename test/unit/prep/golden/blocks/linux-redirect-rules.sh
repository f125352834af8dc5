script_names() {
  SYSTEM=linux-redirect
  NAME=tangent-redirect-$KEY
  TABLE=tangent_redirect_$KEY
  if [ "$FAMILY" = 6 ]; then IP=ip6; else IP=ip; fi
}

# One rule for each port or range of a service, as nft lists it.
rules_of() {
  vip=${1%%/*}
  ports=${1##*/}
  protocol=${1#*/}
  protocol=${protocol%/*}
  if [ "$ports" = any ]; then
    say "$IP daddr $vip meta l4proto $protocol dnat to $RIP"
    return 0
  fi
  while [ -n "$ports" ]; do
    say "$IP daddr $vip $protocol dport ${ports%%,*} dnat to $RIP"
    case $ports in *,*) ports=${ports#*,} ;; *) ports= ;; esac
  done
}

rules() {
  for service in $SERVICES; do rules_of "$service"; done
}

# The first two lines take away what is there, whether or not something is.
ruleset() {
  say "table $IP $TABLE"
  say "delete table $IP $TABLE"
  say "table $IP $TABLE {"
  say "chain prerouting {"
  say "type nat hook prerouting priority -100; policy accept;"
  rules
  say "}"
  say "}"
}

# The rules of a table, as rules_of writes them. Ports are numbers with -nn; protocols are, too, in some versions of nft.
rules_in() {
  nft -nn list table "$IP" "$1" 2>/dev/null | awk '
    BEGIN { name[6] = "tcp"; name[17] = "udp"; name[132] = "sctp" }
    $2 == "daddr" {
      if ($4 == "meta" && $6 in name) $6 = name[$6]
      $1 = $1
      print
    }'
}

present_rules() {
  rules_in "$TABLE"
}

# Of two scripts for the same service only one gets it. What scripts for other addresses of this machine take of ours: "VIP/tcp/80 ADDRESS".
clashes() {
  command -v nft >/dev/null || return 0
  {
    rules
    say "others"
    for table in $(nft list tables "$IP" 2>/dev/null | awk -v own="$TABLE" '$3 ~ /^tangent_redirect_/ && $3 != own { print $3 }'); do rules_in "$table"; done
  } | awk '
    $1 == "others" { theirs = 1; next }
    {
      any = $4 == "meta"
      service = $3 "/" (any ? $6 : $4)
      ports = any ? "any" : $6
      count = split(any ? "0-65535" : ports, edge, "-")
      low = edge[1] + 0
      high = edge[count] + 0
      if (!theirs) { of[++own] = service; from[own] = low; to[own] = high; next }
      for (i = 1; i <= own; i++) if (of[i] == service && low <= to[i] && from[i] <= high) { print service "/" ports, $NF; break }
    }'
}

table_is_there() {
  command -v nft >/dev/null && nft list table "$IP" "$TABLE" >/dev/null 2>&1
}

boot_commands() {
  say "nft -f - <<'END'"
  ruleset
  say "END"
}
