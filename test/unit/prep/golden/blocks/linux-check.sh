check_vips() {
  while read -r kind vip place; do
    case $kind in
      right) item vip-on-lo ok "$vip" "" ;;
      missing) if [ -n "$1" ]; then item vip-forwarded fail "$vip" "$1"; else item vip-on-lo fail "$vip" ""; fi ;;
      *) item "$kind" fail "$vip" "$(place_named "$place")" ;;
    esac
  done <<END
$(vip_places "$VIPS")
END
}

# Interfaces that fare alike share a line: a host of containers has hundreds. What an interface says itself beats "all" when it is larger.
wrong_settings() {
  { grep -s . "$CONF"/*/"$3" "$CONF"/.[!.]*/"$3" || true; } | awk -F "[/:]" -v key="$1" -v right=" $2 " '
    { value[$(NF - 2)] = $NF + 0; if ($(NF - 2) !~ /^(all|default|lo)$/) dev[++devs] = $(NF - 2) }
    END {
      for (i = 1; i <= devs; i++) {
        own = value[dev[i]]
        shown = dev[i] ~ /[^A-Za-z0-9._:@,-]/ ? "INTERFACE" : dev[i]
        effect = own > value["all"] ? own : value["all"]
        if (index(right, " " effect " ")) continue
        if (key == "arp-ignore" && own > 2) { print "arp-ignore-interface fail", shown, own; continue }
        if (!(effect in wrong)) found[++founds] = effect
        wrong[effect] = wrong[effect] (wrong[effect] == "" ? "" : ",") shown
      }
      for (i = 1; i <= founds; i++) print key, "fail", wrong[found[i]], found[i]
    }'
}

check_setting() {
  wrong=$(wrong_settings "$1" "$2" "$3")
  if [ -z "$wrong" ]; then
    item "$1" ok "all interfaces" "$4"
    return 0
  fi
  note_items <<END
$wrong
END
}

check_settings() {
  check_setting arp-ignore "1 2" arp_ignore "1 or 2"
  check_setting arp-announce "2" arp_announce 2
}

check_ipv6() {
  value=$(cat /proc/sys/net/ipv6/conf/lo/disable_ipv6 2>/dev/null || say 1)
  [ "$value" = 0 ] || item ipv6-disabled fail lo "$value"
}

checks() {
  check_address
  if [ "$FAMILY" = 6 ]; then
    check_ipv6
    check_proxies
  fi
  check_vips "$(forwarding)"
  if [ "$FAMILY" = 4 ]; then check_settings; fi
  check_surroundings ""
  check_persistence
}
