import { block } from '../node.ts'

/** `--undo` (exactly the reverse order of `--apply`), `--check`, `--status` and the start. */
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
  must_be_root
  if [ -d "$STATE" ]; then forget_stale; fi
  if [ ! -f "$ADDED" ]; then
    say "kept: nothing of this script is left here, so nothing is to be undone."
    return 0
  fi
  forget_boot
  while read -r vip; do
    [ -z "$vip" ] || remove_vip "$vip" "This host no longer takes packets for it."
  done <"$ADDED"
  if [ -z "$(others)" ]; then
    if [ "$FOREIGN" = no ] && [ -f "$SYSCTL_FILE" ]; then
      rm -f "$SYSCTL_FILE"
      say "done: $SYSCTL_FILE removed."
    fi
    restore_settings
    rm -f "$STATE/sysctl"
  else
    say "kept: arp_ignore and arp_announce, because another preparation script on this machine still needs them."
  fi
  rm -f "$STATE/runtime-$KEY" "$STATE/runtime-$KEY.new" "$STATE/sysctl.new" "$ADDED.new" "$ADDED"
  rmdir "$STATE" 2>/dev/null || true
  say "done: this machine is as it was before the first --apply."
}

good() {
  say "ok    $*"
}

bad() {
  say "FAIL  $*"
  FAILED=yes
}

check_vip() {
  if on_lo "$1"; then
    good "$1/$PREFIX is on lo, so this host takes the packets that the appliance passes on."
  else
    bad "$1/$PREFIX is not on lo, so packets for it are dropped. Run --apply."
  fi
  while read -r dev prefix; do
    [ -z "$dev" ] || bad "$1 is also on $dev with prefix $prefix; only lo/$PREFIX is safe. Remove it: ip addr del $1/$prefix dev $dev"
  done <<END
$(misplaced "$1")
END
}

check_interface() {
  value=$(effective "$1" arp_ignore)
  case $value in
    1 | 2) good "$1: arp_ignore is $value in effect, so the VIP is not answered by ARP." ;;
    *) bad "$1: arp_ignore is $value in effect (the larger one of all and $1); it must be 1 or 2, or this host answers for the VIP. Run --apply; if that refuses, set $1 to 0." ;;
  esac
  value=$(effective "$1" arp_announce)
  if [ "$value" = 2 ]; then
    good "$1: arp_announce is 2 in effect, so ARP requests never carry the VIP."
  else
    bad "$1: arp_announce is $value in effect; it must be 2, or this host announces the VIP in its ARP requests. Run --apply."
  fi
}

check() {
  FAILED=no
  command -v ip >/dev/null || refuse "there is no ip command; install iproute2 (or busybox with ip)."
  if [ -n "$(placements "$RIP")" ]; then
    good "$RIP is an address of this machine."
  else
    bad "$RIP is no address of this machine; this script is for another backend."
  fi
  for vip in $VIPS; do check_vip "$vip"; done
  if [ "$FAMILY" = 4 ]; then
    while read -r dev; do
      [ -z "$dev" ] || check_interface "$dev"
    done <<END
$(interfaces)
END
  fi
  [ "$FAILED" = no ] || exit 1
}

status() {
  for vip in $VIPS; do
    if on_lo "$vip"; then say "address: $vip/$PREFIX is on lo."; else say "address: $vip/$PREFIX is not on lo."; fi
  done
  if [ "$FAMILY" = 4 ]; then say "settings: all/arp_ignore is $(setting all arp_ignore), all/arp_announce is $(setting all arp_announce)."; fi
  if [ -f "$ADDED" ]; then
    say "applied: yes; the addresses that --undo removes are in $ADDED."
  else
    say "applied: no."
  fi
  if [ "$FOREIGN" = no ] && { [ -f "$UNIT_FILE" ] || [ -f "$LOCAL_FILE" ]; }; then
    say "after a reboot: prepared again."
  else
    say "after a reboot: not prepared."
  fi
}

main() {
  mode=\${1:-}
  persistent=yes
  case "$#:$mode:\${2:-}" in
    1:--apply: | 1:--check: | 1:--undo: | 1:--status:) ;;
    2:--apply:--no-persist) persistent=no ;;
    1:--help: | 1:-h:) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
  find_state
  case $mode in
    --apply) apply "$persistent" ;;
    --check) check ;;
    --undo) undo ;;
    --status) status ;;
  esac
}

main "$@"`
