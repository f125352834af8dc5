restore_settings() {
  [ -f "$STATE/sysctl" ] || return 0
  while read -r key value; do
    case $key in arp_ignore | arp_announce) ;; *) continue ;; esac
    case $value in '' | *[!0-9]*) continue ;; esac
    now=$(setting all "$key")
    if [ "$now" = "$value" ]; then
      say "kept: $key on all interfaces is $value, as before the first --apply."
    elif is_right "$key" "$value" || [ "$now" != "$(written "$key")" ]; then
      say "kept: $key on all interfaces is $now, which somebody set after --apply; before it was $value."
    else
      say "$value" >"$CONF/all/$key"
      say "done: $key on all interfaces, $now -> $value, the value from before the first --apply."
    fi
  done <"$STATE/sysctl"
}

# The ARP settings, which scripts for other addresses may need too.
undo_settings() {
  if [ -n "$(others_with_arp)" ]; then
    [ "$KNOWN" = no ] || say "kept: arp_ignore and arp_announce, because another preparation script on this machine still needs them."
    return 0
  fi
  # Without the settings this host would answer ARP for them.
  left=$(strangers | awk '{ printf "%s%s", sep, $1; sep = " " }')
  if [ -f "$STATE/sysctl" ] && [ -n "$left" ]; then
    say "kept: arp_ignore and arp_announce, because this host would answer ARP for $left on lo without them. When that is gone, run --undo again."
    KNOWN=settings
    return 0
  fi
  if [ "$FOREIGN" = no ]; then
    if [ -f "$SYSCTL_FILE" ]; then
      rm -f "$SYSCTL_FILE"
      say "done: $SYSCTL_FILE removed."
    fi
  fi
  restore_settings
  rm -f "$STATE/sysctl" "$STATE/lo"
}

unlisted_after_boot() {
  rebooted || return 0
  for vip in $VIPS; do
    listed "$ADDED" "$vip" || say "$vip"
  done
}

# Also after an --apply or --undo that was killed: each step is taken back when it is found.
undo() {
  if [ -d "$STATE" ]; then forget_stale; fi
  KNOWN=no
  if [ -f "$ADDED" ] || boots_prepared; then KNOWN=yes; fi
  if [ -f "$STATE/sysctl" ] && [ -z "$(others_with_arp)" ]; then KNOWN=yes; fi
  forget_boot
  if [ -f "$ADDED" ]; then remove_vips "$(added_vips) $(unlisted_after_boot)" "This host no longer takes packets for it."; fi
  [ "$FAMILY" = 6 ] || undo_settings
  if [ "$KNOWN" = settings ]; then
    # An empty list: the saved values are still of use, until the next boot.
    write_file "$STATE/runtime-$KEY" </proc/sys/kernel/random/boot_id
    write_file "$ADDED" </dev/null
  else
    forget_folders
    rm -f "$STATE/runtime-$KEY" "$STATE/boot-$KEY" "$ADDED" "$KEPT"
  fi
  case $KNOWN in
    yes) say "done: nothing of this script is left on this machine." ;;
    no) say "kept: nothing of this script is left here, so nothing is to be undone." ;;
    settings) say "done: nothing of this script but the ARP settings is left on this machine." ;;
  esac
}

status_text() {
  while read -r kind vip place; do
    case $kind in
      right) say "address: $vip/$PREFIX is on lo." ;;
      missing) say "address: $vip/$PREFIX is not on lo." ;;
      *) say "address: $vip is where it must not be: $place." ;;
    esac
  done <<END
$(vip_places "$VIPS")
END
  if [ "$FAMILY" = 4 ]; then say "settings: all/arp_ignore is $(setting all arp_ignore), all/arp_announce is $(setting all arp_announce)."; fi
  if [ -f "$ADDED" ]; then
    say "applied: yes; the addresses that --undo removes are in $ADDED."
  else
    say "applied: no."
  fi
  if boots_prepared; then say "after a reboot: prepared again."; else say "after a reboot: not prepared."; fi
}

status_json() {
  present=$(vips_that_are right "$VIPS")
  applied=false
  boots=false
  settings=null
  if [ -f "$ADDED" ]; then applied=true; fi
  if boots_prepared; then boots=true; fi
  if [ "$FAMILY" = 4 ]; then settings="{\"arp_ignore\":$(setting all arp_ignore),\"arp_announce\":$(setting all arp_announce)}"; fi
  say "{\"system\":\"$SYSTEM\",\"backend\":\"$RIP\",\"vips\":$(json_list "$VIPS"),\"present\":$(json_list "$present"),\"settings\":$settings,\"applied\":$applied,\"boots\":$boots}"
}
