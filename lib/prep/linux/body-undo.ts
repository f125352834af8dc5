import { block } from '../node.ts'

/** `--undo`, exactly the reverse order of `--apply`, and `--status`. */
export const undo = block`
restore_settings() {
  [ -f "$STATE/sysctl" ] || return 0
  while read -r key value; do
    case $key in arp_ignore | arp_announce) ;; *) continue ;; esac
    case $value in '' | *[!0-9]*) continue ;; esac
    now=$(setting all "$key")
    [ "$now" = "$value" ] || say "$value" >"$CONF/all/$key"
    say "done: $key on all interfaces, $now -> $value, the value from before the first --apply."
  done <"$STATE/sysctl"
}

undo() {
  if [ -d "$STATE" ]; then forget_stale; fi
  known=no
  if [ -f "$ADDED" ] || boots_prepared; then known=yes; fi
  forget_boot
  if [ -f "$ADDED" ]; then
    while read -r vip; do
      [ -z "$vip" ] || remove_vip "$vip" "This host no longer takes packets for it."
    done <"$ADDED"
  fi
  if [ -z "$(others)" ]; then
    if [ "$FOREIGN" = no ] && [ -f "$SYSCTL_FILE" ]; then
      rm -f "$SYSCTL_FILE"
      say "done: $SYSCTL_FILE removed."
    fi
    restore_settings
    rm -f "$STATE/sysctl" "$STATE/sysctl.new"
    [ "$FOREIGN" = yes ] || rm -f "$SYSCTL_FILE.new"
    forget_folders
  elif [ "$known" = yes ]; then
    say "kept: arp_ignore and arp_announce, because another preparation script on this machine still needs them."
  fi
  rm -f "$STATE/runtime-$KEY" "$STATE/runtime-$KEY.new" "$ADDED.new" "$ADDED"
  rmdir "$STATE" 2>/dev/null || true
  if [ "$known" = yes ]; then
    say "done: this machine is as it was before the first --apply."
  else
    say "kept: nothing of this script is left here, so nothing is to be undone."
  fi
}

status_text() {
  for vip in $VIPS; do
    if on_lo "$vip"; then say "address: $vip/$PREFIX is on lo."; else say "address: $vip/$PREFIX is not on lo."; fi
  done
  if [ "$FAMILY" = 4 ]; then say "settings: all/arp_ignore is $(setting all arp_ignore), all/arp_announce is $(setting all arp_announce)."; fi
  if [ -f "$ADDED" ]; then
    say "applied: yes; the addresses that --undo removes are in $ADDED."
  else
    say "applied: no."
  fi
  if boots_prepared; then say "after a reboot: prepared again."; else say "after a reboot: not prepared."; fi
}

status_json() {
  present=
  for vip in $VIPS; do
    if on_lo "$vip"; then present="$present $vip"; fi
  done
  applied=false
  boots=false
  settings=null
  if [ -f "$ADDED" ]; then applied=true; fi
  if boots_prepared; then boots=true; fi
  if [ "$FAMILY" = 4 ]; then settings="{\"arp_ignore\":$(setting all arp_ignore),\"arp_announce\":$(setting all arp_announce)}"; fi
  say "{\"system\":\"$SYSTEM\",\"backend\":\"$RIP\",\"vips\":$(json_list "$VIPS"),\"present\":$(json_list "$present"),\"settings\":$settings,\"applied\":$applied,\"boots\":$boots}"
}`
