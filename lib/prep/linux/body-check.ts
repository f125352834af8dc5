import { block } from '../node.ts'

/** What every script asks of a machine before it changes anything, and what of it every check looks at. */
export const machine = block`
inspect_machine() {
  [ "$(uname -s)" = Linux ] || refuse "this script is for Linux."
  command -v ip >/dev/null || refuse "there is no ip command; install iproute2 (or busybox with ip)."
  [ -n "$(placements "$RIP")" ] || refuse "no interface here has the address $RIP; this script is for the backend that has it."
  [ "$FAMILY" = 4 ] || [ -d /proc/sys/net/ipv6 ] || refuse "the kernel runs without IPv6, but the VIP is an IPv6 address."
}

check_address() {
  if [ -n "$(placements "$RIP")" ]; then
    item address ok "$RIP" ""
  else
    item address fail "$RIP" ""
  fi
}

forwarding() {
  for file in "/proc/sys/net/ipv$FAMILY/conf"/*/forwarding; do
    if [ "$(cat "$file" 2>/dev/null)" = 1 ]; then
      file=\${file%/*}
      say "forwarding is 1 on \${file##*/}"
      return 0
    fi
  done
}`

/** The checks of the Linux script: the VIP on lo alone, and ARP that does not betray it. */
export const check = block`
check_vip() {
  if on_lo "$1"; then
    item vip-on-lo ok "$1" ""
  else
    forwards=$(forwarding)
    if [ -n "$forwards" ]; then
      item vip-forwarded fail "$1" "$forwards"
    else
      item vip-on-lo fail "$1" ""
    fi
  fi
  while read -r place; do
    case $place in
      '') ;;
      *" dev lo") item vip-wide fail "$1" "$place" ;;
      *) item vip-elsewhere fail "$1" "$place" ;;
    esac
  done <<END
$(misplaced "$1")
END
}

# A duplicate address is there, but nothing is taken for it.
check_duplicates() {
  while read -r vip dev; do
    [ -z "$vip" ] || item vip-duplicate fail "$vip" "$dev"
  done <<END
$(ip -o -6 addr show | awk -v vips=" $VIPS " '{ split($4, part, "/"); sub(/@.*/, "", $2); if (/ dadfailed / && index(vips, " " part[1] " ")) print part[1], $2 }')
END
}

check_ipv6() {
  value=$(cat /proc/sys/net/ipv6/conf/lo/disable_ipv6 2>/dev/null || say 1)
  [ "$value" = 0 ] || item ipv6-disabled fail lo "$value"
  check_duplicates
}

# One line when all interfaces are right: a host of containers has hundreds.
check_settings() {
  ignore=
  announce=
  while read -r dev; do
    [ -n "$dev" ] || continue
    value=$(effective "$dev" arp_ignore)
    case $value in
      1 | 2) ;;
      *)
        ignore=wrong
        if [ "$(setting "$dev" arp_ignore)" -gt 2 ]; then
          item arp-ignore-interface fail "$dev" "$(setting "$dev" arp_ignore)"
        else
          item arp-ignore fail "$dev" "$value"
        fi
        ;;
    esac
    value=$(effective "$dev" arp_announce)
    if [ "$value" != 2 ]; then
      announce=wrong
      item arp-announce fail "$dev" "$value"
    fi
  done <<END
$(interfaces)
END
  [ -n "$ignore" ] || item arp-ignore ok "all interfaces" "1 or 2"
  [ -n "$announce" ] || item arp-announce ok "all interfaces" 2
}

checks() {
  check_address
  if [ "$FAMILY" = 6 ]; then check_ipv6; fi
  for vip in $VIPS; do check_vip "$vip"; done
  if [ "$FAMILY" = 4 ]; then check_settings; fi
  check_surroundings ""
  check_persistence
}`
