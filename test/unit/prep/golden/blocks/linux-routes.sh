# The best default route, one "gateway device" for each of its next hops; the gateway is "-" when the route has none.
default_ways() {
  ip "-$FAMILY" route show 2>/dev/null | awk '
    /^[^ \t]/ { metric = -1 }
    $1 == "default" {
      metric = 0
      for (i = 2; i < NF; i++) if ($i == "metric") metric = $(i + 1)
      if (best == "" || metric + 0 < best) { best = metric + 0; ways = "" }
    }
    metric != best || metric == -1 { next }
    {
      gateway = device = "-"
      for (i = 1; i < NF; i++) {
        if ($i == "via") gateway = $(i + 1) == "inet6" ? $(i + 2) : $(i + 1)
        if ($i == "dev") device = $(i + 1)
      }
      if (device != "-") ways = ways gateway " " device "\n"
    }
    END { printf "%s", ways }'
}

# The way that the kernel takes to a far address, "gateway device". Where the VIP is no address of this host, replies begin at its own one.
asked_way() {
  for source in "${VIPS%% *}" "$RIP"; do
    answer=$(ip "-$FAMILY" route get "$1" from "$source" 2>/dev/null) || continue
    say "$answer" | awk 'NR == 1 { gateway = "-"; for (i = 1; i < NF; i++) { if ($i == "via") gateway = $(i + 1); if ($i == "dev") device = $(i + 1) } if (device != "") print gateway, device }'
    return 0
  done
}

# A VPN lays two routes of half the world over the default one, and rules can send replies elsewhere, so the kernel is asked for a
# far address of each half. Of several next hops it names one; the listed route has them all.
reply_ways() {
  if [ "$FAMILY" = 6 ]; then far="2001:db8::1 2a00::1"; else far="45.0.0.1 192.0.2.1"; fi
  asked=$(for client in $far; do asked_way "$client"; done)
  # An unreachable route beats a default one that is listed.
  if [ -z "$asked" ] && ip "-$FAMILY" route get "$RIP" >/dev/null 2>&1; then return 0; fi
  rules=$(ip "-$FAMILY" rule show 2>/dev/null | awk '$NF != "local" && $NF != "main" && $NF != "default"')
  listed=$(default_ways)
  case "
$listed
" in
    *"
${asked%%
*}
"*) [ -n "$rules" ] || asked="$listed
$asked" ;;
  esac
  say "${asked:-$listed}" | awk 'NF && !seen[$0]++'
}

# A link-local gateway is the appliance when both have one hardware address.
is_appliance() {
  case " $APPLIANCES $VIPS " in *" $1 "*) return 0 ;; esac
  case $1 in fe80:*) ;; *) return 1 ;; esac
  ip -6 neigh show dev "$2" 2>/dev/null | awk -v gateway="$1" -v appliances=" $APPLIANCES " '
    { mac = ""; for (i = 2; i < NF; i++) if ($i == "lladdr") mac = $(i + 1) }
    $1 == gateway { of_gateway = mac }
    mac != "" && index(appliances, " " $1 " ") { of_appliance[mac] = 1 }
    END { exit !(of_gateway in of_appliance) }'
}

check_gateway() {
  if [ -z "$WAYS" ]; then
    item gateway warn "default route" none
    return 0
  fi
  while read -r gateway dev; do
    [ "$gateway" != - ] || gateway=$dev
    if is_appliance "$gateway" "$dev"; then
      item gateway fail "$gateway" "$dev"
    elif [ -z "$APPLIANCES" ]; then
      item gateway-unknown warn "$gateway" "$dev"
    else
      item gateway ok "$gateway" "$dev"
    fi
  done <<END
$WAYS
END
}

# IPv6 has no such setting.
check_reverse_path() {
  if [ "$FAMILY" = 6 ] || [ -z "$NIC" ] || [ -z "$WAYS" ]; then return 0; fi
  value=$(effective "$NIC" rp_filter)
  if [ "$value" = 1 ] && [ "$SYMMETRIC" = 0 ]; then
    item reverse-path fail "$(named "$NIC")" "$value"
  else
    item reverse-path ok "$NIC" "$value"
  fi
}

# NIC has the address of the backend, and so gets what comes for the VIP; WAYS are those of the replies; SYMMETRIC: one of them is NIC.
read_ways() {
  NIC=$(placements "$RIP" | awk 'NR == 1 { print $NF }')
  WAYS=$(reply_ways)
  SYMMETRIC=$(say "$WAYS" | awk -v nic="$NIC" '$2 == nic { same = 1 } END { print same + 0 }')
}
