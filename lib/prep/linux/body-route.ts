import { block } from '../node.ts'

/** The way of the replies: it must not lead through the appliance, and the kernel must not drop requests because of it. */
export const routes = block`
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

# With rules of their own, replies can take another way than the main table says: then the kernel is asked for that of the VIP.
reply_ways() {
  rules=$(ip "-$FAMILY" rule show 2>/dev/null | awk '$NF != "local" && $NF != "main" && $NF != "default"')
  if [ -n "$rules" ]; then
    if [ "$FAMILY" = 6 ]; then client=2001:db8::1; else client=192.0.2.1; fi
    way=$(ip "-$FAMILY" route get "$client" from "\${VIPS%% *}" 2>/dev/null | awk '
      NR == 1 { gateway = "-"; for (i = 1; i < NF; i++) { if ($i == "via") gateway = $(i + 1); if ($i == "dev") device = $(i + 1) } print gateway, device }')
    if [ -n "$way" ]; then
      say "$way"
      return 0
    fi
  fi
  default_ways
}

check_gateway() {
  if [ -z "$1" ]; then
    item gateway warn "default route" none
    return 0
  fi
  while read -r gateway dev; do
    case " $APPLIANCES $VIPS " in
      *" $gateway "*) item gateway fail "$gateway" "$dev" ;;
      *)
        [ "$gateway" != - ] || gateway=$dev
        item gateway ok "$gateway" "$dev"
        ;;
    esac
  done <<END
$1
END
}

# IPv6 has no such setting.
check_reverse_path() {
  in=$(placements "$RIP" | awk 'NR == 1 { print $NF }')
  if [ "$FAMILY" = 6 ] || [ -z "$in" ] || [ -z "$1" ]; then return 0; fi
  value=$(effective "$in" rp_filter)
  if [ "$value" = 1 ] && ! say "$1" | awk -v dev="$in" '$2 == dev { same = 1 } END { exit !same }'; then
    item reverse-path fail "$in" "$value"
  else
    item reverse-path ok "$in" "$value"
  fi
}

check_routes() {
  ways=$(reply_ways)
  check_reverse_path "$ways"
  check_gateway "$ways"
}`
