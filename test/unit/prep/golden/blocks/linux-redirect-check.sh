# The ports of a service that none of the rules in PRESENT redirects.
missing_ports() {
  rules_of "$1" | while read -r rule; do
    case $PRESENT in
      *"
$rule
"*) continue ;;
    esac
    rule=${rule%" dnat to $RIP"}
    case $rule in *" dport "*) say "${rule##* }" ;; *) say any ;; esac
  done
}

read_rules() {
  PRESENT="
$(present_rules)
"
}

check_service() {
  missing=$(missing_ports "$1" | awk '{ printf "%s%s", (NR == 1 ? "" : ","), $0 }')
  if [ -z "$missing" ]; then
    item redirect-rule ok "$1" "$RIP"
    return 0
  fi
  forwards=$(forwarding)
  if [ -n "$forwards" ]; then
    item vip-forwarded fail "$1" "$forwards"
  else
    item redirect-rule fail "$1" "$missing"
  fi
}

check_rules() {
  unseen=
  if ! command -v nft >/dev/null; then
    unseen="there is no nft command"
  elif [ "$(id -u)" != 0 ]; then
    unseen="only root can look"
  fi
  read_rules
  for service in $SERVICES; do
    if [ -n "$unseen" ]; then item redirect-rule warn "$service" "$unseen"; else check_service "$service"; fi
  done
}

check_clashes() {
  while read -r service address; do
    [ -z "$service" ] || item redirect-twice fail "$service" "$address"
  done <<END
$(clashes)
END
}

check_places() {
  for vip in $VIPS; do
    while read -r place; do
      [ -z "$place" ] || item vip-elsewhere fail "$vip" "$(place_named "$place")"
    done <<END
$(placements "$vip")
END
  done
}

checks() {
  check_address
  check_rules
  check_clashes
  check_places
  check_proxies
  check_surroundings "$RIP"
  check_persistence
}
