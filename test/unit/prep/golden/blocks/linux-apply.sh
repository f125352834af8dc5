inspect() {
  inspect_machine
  if [ "$FAMILY" = 6 ]; then
    [ "$(cat /proc/sys/net/ipv6/conf/lo/disable_ipv6)" = 0 ] || refuse "IPv6 is disabled on lo; enable it first: echo 0 > /proc/sys/net/ipv6/conf/lo/disable_ipv6"
  fi
  while read -r kind vip place; do
    place=$(place_named "$place")
    case $kind in
      vip-wide) refuse "$vip is on lo with prefix ${place%% *}; only /$PREFIX is safe, a wider one takes the whole network away from this host. Remove it: ip addr del $vip/$place" ;;
      vip-elsewhere | vip-duplicate) refuse "$vip is on ${place##* }, where this host answers for it and takes the clients from the appliance. Remove it: ip addr del $vip/$place" ;;
    esac
  done <<END
$(vip_places "$VIPS")
END
  # For an IPv4 address of its own, on whatever interface, the kernel is no proxy.
  if [ "$FAMILY" = 6 ]; then inspect_proxies; else inspect_settings; fi
  inspect_files
  if will_last && ! settings_stand; then must_take "${SYSCTL_FILE%/*}"; fi
}

inspect_settings() {
  while read -r dev; do
    [ -n "$dev" ] || continue
    value=$(setting "$dev" arp_ignore)
    shown=$(named "$dev")
    [ "$value" -le 2 ] || refuse "arp_ignore is $value on $shown, and the larger one of all and $shown counts: with 3 the VIP leaks, with 8 nothing is answered. Set it to 0 first: echo 0 > $CONF/$shown/arp_ignore"
    value=$(setting "$dev" arp_announce)
    [ "$value" -le 2 ] || refuse "arp_announce is $value on $shown, which beats the 2 that is needed. Set it to 0 first: echo 0 > $CONF/$shown/arp_announce"
  done <<END
$(interfaces)
END
  for key in arp_ignore arp_announce; do
    value=$(setting all "$key")
    # Tried, because root is told that it may write where it cannot.
    is_right "$key" "$value" || (say "$value" >"$CONF/all/$key") 2>/dev/null || refuse "$CONF/all/$key cannot be written here (a container?); run this script on the host, or start the container with --sysctl net.ipv4.conf.all.arp_ignore=1 --sysctl net.ipv4.conf.all.arp_announce=2"
  done
}

# What was applied without persistence is gone after a reboot: then the saved values describe a machine that is no more.
forget_stale() {
  boot=$(cat /proc/sys/kernel/random/boot_id)
  for file in "$STATE"/runtime-*; do
    key=${file##*/runtime-}
    if [ ! -f "$file" ] || [ "$(cat "$file")" = "$boot" ]; then continue; fi
    if [ ! -f "/usr/local/sbin/tangent-backend-$key" ] && [ ! -f "/etc/local.d/tangent-backend-$key.start" ]; then rm -f "$STATE/added-$key" "$STATE/boot-$key"; fi
    rm -f "$file"
  done
  if [ -z "$(others_with_arp)" ] && [ "$FAMILY" = 4 ] && [ ! -f "$ADDED" ]; then rm -f "$STATE/sysctl" "$STATE/lo"; fi
}

# What this script answers for and has not listed yet: VIPs that it will add, and those that another script has added, so that the last
# one that needs a VIP takes it away. One that somebody else put on lo is not ours; after a reboot our boot script has put it there.
unlisted() {
  missing=$(vips_that_are missing "$VIPS" | one_line)
  for vip in $VIPS; do
    if listed "$ADDED" "$vip"; then continue; fi
    case " $missing" in *" $vip "*) say "$vip" ;; *) if shared "$vip" || rebooted; then say "$vip"; fi ;; esac
  done
}

# Until persist is through, all of this is for this boot only.
remember() {
  mkdir -p "$STATE"
  forget_stale
  boots_prepared || write_file "$STATE/runtime-$KEY" </proc/sys/kernel/random/boot_id
  [ -f "$STATE/boot-$KEY" ] || write_file "$STATE/boot-$KEY" </proc/sys/kernel/random/boot_id
  [ -f "$ADDED" ] || write_file "$ADDED" </dev/null
  if [ -n "$(unlisted)" ]; then
    {
      cat "$ADDED"
      unlisted
    } | write_file "$ADDED"
  fi
  if [ "$FAMILY" = 4 ] && [ ! -f "$STATE/sysctl" ]; then
    on_lo | write_file "$STATE/lo"
    {
      say "arp_ignore $(setting all arp_ignore)"
      say "arp_announce $(setting all arp_announce)"
    } | write_file "$STATE/sysctl"
    say "saved: the present arp_ignore and arp_announce, in $STATE/sysctl, so that --undo can put them back."
  fi
}

set_all() {
  before=$(setting all "$1")
  if is_right "$1" "$before"; then
    say "kept: $1 is $before on all interfaces. $2"
  else
    wanted=$(written "$1")
    say "$wanted" >"$CONF/all/$1"
    say "done: $1 on all interfaces, $before -> $wanted. $2"
  fi
}

# Other addresses that the network could ask for until now, though they are on no interface of it: the settings end that.
note_silenced() {
  if is_right arp_ignore "$(setting all arp_ignore)"; then return 0; fi
  silenced=$(addresses | awk -v vips=" $VIPS " '$5 ~ /^(lo|dummy)/ && $2 !~ /^127[.]/ && !index(vips, " " $2 " ") { printf "%s%s on %s", sep, $2, $5; sep = ", " }')
  [ -z "$silenced" ] || say "note: the network gets no ARP answer here any more for $(plain "$silenced"). An address that must be reached belongs on the interface of its network."
}

add_vip() {
  # Deprecated: IPv6 then never chooses the VIP as the source of this host's own connections.
  if [ "$FAMILY" = 6 ]; then
    ip -6 addr replace "$1/128" dev lo preferred_lft 0
  else
    ip -4 addr replace "$1/32" dev lo
  fi
  say "done: $1/$PREFIX added to lo, so this host takes the packets that the appliance passes on."
}

# Takes away those of the VIPs in $1 that are on lo and that no other script needs.
remove_vips() {
  for vip in $(vips_that_are right "$1"); do
    if shared "$vip"; then
      say "kept: $vip/$PREFIX is on lo, because another preparation script on this machine needs it."
    else
      ip "-$FAMILY" addr del "$vip/$PREFIX" dev lo
      say "done: $vip/$PREFIX removed from lo. $2"
    fi
  done
}

# The VIPs that this script answers for, and those among them that no farm has any more.
added_vips() {
  one_line <"$ADDED"
}

former_vips() {
  for vip in $(added_vips); do
    case " $VIPS " in *" $vip "*) ;; *) say "$vip" ;; esac
  done
}

# Only now: before, a boot script of a former --apply could bring such a VIP back.
forget_former_vips() {
  [ -n "$(former_vips)" ] || return 0
  for vip in $VIPS; do
    if listed "$ADDED" "$vip"; then say "$vip"; fi
  done | write_file "$ADDED"
}

apply() {
  remember
  if [ "$FAMILY" = 4 ]; then
    note_silenced
    set_all arp_ignore "It answers ARP only for addresses of the asking interface, never for the VIP."
    set_all arp_announce "Its own ARP requests never carry the VIP as sender, which would redirect the clients here."
  fi
  for vip in $(vips_that_are right "$VIPS"); do say "kept: $vip/$PREFIX is on lo, so this host takes the packets that the appliance passes on."; done
  for vip in $(vips_that_are missing "$VIPS"); do add_vip "$vip"; done
  remove_vips "$(former_vips)" "No farm of this backend uses it any more."
  persist
  if boots_prepared; then
    [ "$FAMILY" = 6 ] || sysctl_file
    rm -f "$STATE/runtime-$KEY"
  fi
  forget_former_vips
  say "next: the application must listen on the VIP or on every address, with the VIP's port, and the firewall must let it in:"
  for service in $SERVICES; do say "      $service"; done
}
