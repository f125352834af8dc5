inspect_machine() {
  [ "$(uname -s)" = Linux ] || refuse "this script is for Linux."
  command -v ip >/dev/null || refuse "there is no ip command; install iproute2 (or busybox with ip)."
  [ -n "$(placements "$RIP")" ] || refuse "no interface here has the address $RIP; this script is for the backend that has it."
  [ "$FAMILY" = 4 ] || [ -d /proc/sys/net/ipv6 ] || refuse "the kernel runs without IPv6, but the VIP is an IPv6 address."
}

# The kernel answers as a proxy for these: "VIP dev eth0". Busybox does not know the word, and lists all neighbours.
proxied() {
  ip "-$FAMILY" neigh show proxy 2>/dev/null | awk -v vips=" $VIPS " '/ proxy( |$)/ && index(vips, " " $1 " ") { for (i = 2; i < NF; i++) if ($i == "dev") print $1, "dev", $(i + 1) }'
}

inspect_proxies() {
  while read -r vip place; do
    [ -z "$vip" ] || refuse "this host answers for $vip as a proxy, and takes the clients from the appliance. Remove it: ip -$FAMILY neigh del proxy $vip $(place_named "$place")"
  done <<END
$(proxied)
END
}

check_proxies() {
  while read -r vip place; do
    [ -z "$vip" ] || item vip-proxied fail "$vip" "$(place_named "$place")"
  done <<END
$(proxied)
END
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
      file=${file%/*}
      say "forwarding is 1 on ${file##*/}"
      return 0
    fi
  done
}
