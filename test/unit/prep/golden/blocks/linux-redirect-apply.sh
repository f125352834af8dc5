inspect() {
  inspect_machine
  command -v nft >/dev/null || refuse "there is no nft command; install nftables, or use the script that adds the VIP to lo."
  for vip in $VIPS; do
    place=$(placements "$vip" | awk 'NR == 1')
    [ -n "$place" ] || continue
    place=$(place_named "$place")
    refuse "$vip is on ${place##* }: with redirection no interface may have it, or this host answers for it. Undo the script that put it there, or: ip addr del $vip/$place"
  done
  inspect_proxies
  clash=$(clashes | awk 'NR == 1 { print $1 " is redirected to " $2 }')
  [ -z "$clash" ] || refuse "$clash already, by the script of that address of this machine; only one of them can have it. Undo that one first, or take one of the two backends out of the farm."
  answer=$(ruleset | nft -c -f - 2>&1) || refuse "nft does not take the rules here (a container without NET_ADMIN?): $(plain "$answer")"
  inspect_files
}

apply() {
  present=$(present_rules)
  wanted=$(rules)
  verb="kept"
  if [ "$present" != "$wanted" ]; then
    ruleset | nft -f -
    verb="done"
  fi
  for service in $SERVICES; do say "$verb: $service is redirected to $RIP, in table $IP $TABLE."; done
  say "$present" | while read -r rule; do
    case "$wanted
" in *"$rule
"*) ;; *) say "done: removed, because no farm of this backend uses it any more: $rule" ;; esac
  done
  persist
  say "next: the application must listen on $RIP or on every address, with the port that the clients use, and the firewall must let it in there."
}

undo() {
  known=no
  if table_is_there || boots_prepared; then known=yes; fi
  forget_boot
  if table_is_there; then
    nft delete table "$IP" "$TABLE"
    say "done: table $IP $TABLE deleted. This host no longer takes packets for the VIP, and connections through it break."
  fi
  forget_folders
  rm -f "$KEPT"
  if [ "$known" = yes ]; then
    say "done: this machine is as it was before the first --apply."
  else
    say "kept: nothing of this script is left here, so nothing is to be undone."
  fi
}

status_text() {
  read_rules
  for service in $SERVICES; do
    if [ -z "$(missing_ports "$service")" ]; then say "rules: $service is redirected to $RIP."; else say "rules: $service is not redirected."; fi
  done
  if table_is_there; then say "applied: yes; --undo deletes table $IP $TABLE."; else say "applied: no."; fi
  if boots_prepared; then say "after a reboot: prepared again."; else say "after a reboot: not prepared."; fi
}

status_json() {
  read_rules
  redirected=
  for service in $SERVICES; do
    [ -n "$(missing_ports "$service")" ] || redirected="$redirected $service"
  done
  applied=false
  boots=false
  if table_is_there; then applied=true; fi
  if boots_prepared; then boots=true; fi
  say "{\"system\":\"$SYSTEM\",\"backend\":\"$RIP\",\"services\":$(json_list "$SERVICES"),\"redirected\":$(json_list "$redirected"),\"applied\":$applied,\"boots\":$boots}"
}
