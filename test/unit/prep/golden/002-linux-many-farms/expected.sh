#!/bin/sh
# Prepares a Linux backend for Direct Server Return: this host takes packets for the VIP and answers the client itself.
#   backend web1, address 10.9.0.21
#   farm everything: VIP 10.9.0.101, tcp, port any
#   farm everything: VIP 10.9.0.101, udp, port any
#   farm everything: VIP 10.9.0.101, sctp, port any
#   farm passive-ftp: VIP 10.9.0.102, tcp, port 21,50000-50100
#   farm web: VIP 10.9.0.100, tcp, port 80,443
#   farm web-http3: VIP 10.9.0.100, udp, port 443
# Run as root: sh FILE --apply, then --check; --undo puts everything back. --help says more.
# Nothing runs before the last line, so half a download does nothing.

RIP='10.9.0.21'
KEY='10-9-0-21'
FAMILY='4'
PREFIX='32'
VIPS='10.9.0.101 10.9.0.102 10.9.0.100'
SERVICES='10.9.0.101/tcp/any 10.9.0.101/udp/any 10.9.0.101/sctp/any 10.9.0.102/tcp/21,50000-50100 10.9.0.100/tcp/80,443 10.9.0.100/udp/443'
APPLIANCES='10.9.0.10'

set -eu
LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
umask 022
CONF=/proc/sys/net/ipv4/conf

usage() {
  cat <<'END'
Usage: sh FILE --apply [--no-persist] [--report URL] | --check [--json] [--report URL] | --undo | --status [--json]
  --apply       prepare this machine; running it again changes nothing
  --no-persist  with --apply: until the next reboot only, no file outside the state folder
  --check       look only: is everything as it must be? As root it can also read the firewall.
  --report URL  send the result of the check to the console, which gave the URL
  --undo        put everything back as it was before the first --apply
  --status      look only: what this script has done here
  --json        print JSON instead of text
Exit status: 0 ok, 1 a check failed or was not delivered, 2 wrong usage or not root, 3 refused, nothing was changed.
The state folder is /var/lib/tangent-backend; TANGENT_BACKEND_STATE=/other/folder moves it.
END
}

say() {
  printf '%s\n' "$*"
}

wrong_usage() {
  printf '%s\n' "$*" >&2
  exit 2
}

refuse() {
  printf 'refused, nothing was changed: %s\n' "$*" >&2
  exit 3
}

must_be_root() {
  [ "$(id -u)" = 0 ] || wrong_usage "Run this as root (sudo sh FILE --apply): addresses and kernel settings belong to root."
}

# A network namespace other than that of process 1 ends with its last process: nothing of it belongs into the boot files.
find_state() {
  STATE=${TANGENT_BACKEND_STATE:-/var/lib/tangent-backend}
  case $STATE in /*) ;; *) wrong_usage "TANGENT_BACKEND_STATE must be an absolute path." ;; esac
  FOREIGN=no
  own=$(readlink /proc/self/ns/net 2>/dev/null || true)
  first=$(readlink /proc/1/ns/net 2>/dev/null || true)
  if [ -n "$own" ] && [ -n "$first" ] && [ "$own" != "$first" ]; then
    FOREIGN=yes
    inode=${own#"net:["}
    [ -n "${TANGENT_BACKEND_STATE:-}" ] || STATE=$STATE/netns-${inode%"]"}
  fi
  script_names
  BOOT_SCRIPT=/usr/local/sbin/$NAME
  UNIT_FILE=/etc/systemd/system/$NAME.service
  LOCAL_FILE=/etc/local.d/$NAME.start
}

# Every place that holds an address, in the words of the ip command: "24 dev eth0".
placements() {
  ip -o "-$FAMILY" addr show | awk -v want="$1" '
    {
      split($4, part, "/")
      if (part[1] != want) next
      sub(/@.*/, "", $2)
      prefix = part[2]
      if ($5 == "peer") prefix = "32 peer " $6
      print prefix " dev " $2
    }'
}

setting() {
  cat "$CONF/$1/$2" 2>/dev/null || say 0
}

listed() {
  [ -f "$1" ] && grep -qxF -e "$2" "$1"
}

# Standard input becomes the file, whole or not at all.
write_file() {
  cat >"$1.new"
  mv -f "$1.new" "$1"
}

ITEMS=
FAILED=no
QUIET=no

# What the machine says of itself (names, rules) is reduced to plain characters and cut.
plain() {
  case $1 in
    *[!A-Za-z0-9\ ._:@/,-]*) say "$1" | awk 'NR == 1 { gsub(/[^A-Za-z0-9 ._:@\/,-]+/, ""); print substr($0, 1, 200) }' ;;
    *) say "$1" ;;
  esac
}

item() {
  subject=$(plain "$3")
  found=$(plain "$4")
  [ "$2" != fail ] || FAILED=yes
  ITEMS="$ITEMS${ITEMS:+,
}{\"code\":\"$1\",\"subject\":\"$subject\",\"verdict\":\"$2\",\"found\":\"$found\"}"
  [ "$QUIET" = no ] || return 0
  words=$(sentence "$1" "$2" "$subject" "$found")
  case $2 in
    ok)
      say "ok    $words"
      return 0
      ;;
    fail) say "FAIL  $words" ;;
    warn) say "note  $words" ;;
  esac
  words=$(remedy "$1" "$subject" "$found")
  [ -z "$words" ] || say "      fix: $words"
}

# The words of a list as a JSON array.
json_list() {
  list=
  for word in $1; do list="$list${list:+,}\"$word\""; done
  say "[$list]"
}

# The report: one item per line, so that it can be copied out of a terminal.
report_text() {
  cat <<END
{"format":"tangent-backend-check","version":1,"system":"$SYSTEM","backend":"$RIP","checkedAt":"$(date -u +%Y-%m-%dT%H:%M:%SZ)",
"vips":$(json_list "$VIPS"),
"services":$(json_list "$SERVICES"),
"items":[
$ITEMS
]}
END
}

report_url() {
  case ${1:-} in
    http://?* | https://?*) ;;
    *) wrong_usage "--report needs the URL that the console gave, beginning with http:// or https://" ;;
  esac
  case ${1#*://} in
    *[!][A-Za-z0-9.:/_-]*) wrong_usage "The URL after --report has a character that no URL of the console has." ;;
  esac
  REPORT=$1
}

# Prints the HTTP status, or why there is none. Globbing is off because [ ] belong to an IPv6 address.
post_with_curl() {
  answer=$(report_text | curl -gsS -m 30 -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' --data-binary @- "$REPORT" 2>&1) || {
    say "${answer%000}"
    return 0
  }
  case $answer in 2??) say delivered ;; *) say "HTTP $answer" ;; esac
}

# Both kinds of wget take the report as an argument only, and the kernel lets an argument have 128 KiB.
post_with_wget() {
  body=$(report_text)
  if [ "${#body}" -gt 120000 ]; then
    say "the report is too long for wget; install curl"
  elif answer=$(wget -T 30 -t 1 -O /dev/null --header='Content-Type: application/json' --post-data="$body" "$REPORT" 2>&1); then
    say delivered
  else
    say "$answer" | awk 'NF { last = $0 } END { print last }'
  fi
}

send_report() {
  if command -v curl >/dev/null; then
    outcome=$(post_with_curl)
  elif command -v wget >/dev/null; then
    outcome=$(post_with_wget)
  else
    outcome="there is no curl and no wget here"
  fi
  if [ "$outcome" = delivered ]; then
    [ "$QUIET" = yes ] || say "reported"
    return 0
  fi
  printf 'not reported: %s\n' "$(plain "$outcome")" >&2
  return 1
}

boot_script() {
  say "#!/bin/sh"
  say "# Prepares this backend for Direct Server Return at boot. Removed by --undo of the preparation script for $RIP."
  say "set -eu"
  say "PATH=/usr/sbin:/usr/bin:/sbin:/bin"
  boot_commands
}

unit() {
  cat <<END
[Unit]
Description=Direct Server Return: virtual addresses of this backend ($RIP)
DefaultDependencies=no
After=systemd-sysctl.service systemd-modules-load.service local-fs.target nftables.service
Wants=network-pre.target
Before=network-pre.target shutdown.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh $BOOT_SCRIPT

[Install]
WantedBy=multi-user.target
END
}

boots_prepared() {
  [ "$FOREIGN" = no ] && { [ -f "$BOOT_SCRIPT" ] || [ -f "$LOCAL_FILE" ]; }
}

# Folders that are made here are noted, so that --undo can take them away.
need_folder() {
  [ ! -d "$1" ] || return 0
  mkdir -p "$STATE"
  say "$1" >>"$STATE/folders"
  mkdir -p "$1"
}

forget_folders() {
  if [ -f "$STATE/folders" ]; then
    while read -r folder; do rmdir "$folder" 2>/dev/null || true; done <"$STATE/folders"
    rm -f "$STATE/folders"
  fi
}

persist() {
  PERSISTED=no
  if [ "$FOREIGN" = yes ]; then
    say "note: this is a network namespace of its own, so nothing is written for the next reboot."
  elif [ "$PERSISTENT" = no ] && ! boots_prepared; then
    say "note: all this lasts until the next reboot; run --apply without --no-persist to keep it."
  elif [ -d /run/systemd/system ]; then
    need_folder "${BOOT_SCRIPT%/*}"
    boot_script | write_file "$BOOT_SCRIPT"
    unit | write_file "$UNIT_FILE"
    systemctl daemon-reload
    systemctl enable --quiet "$NAME.service"
    say "done: $NAME.service runs $BOOT_SCRIPT at every boot, before any interface is up, so that the VIP never leaks."
    PERSISTED=yes
  elif [ -d /etc/local.d ] && command -v rc-update >/dev/null; then
    boot_script | write_file "$LOCAL_FILE"
    chmod 755 "$LOCAL_FILE"
    rc-update -q add local default
    say "done: $LOCAL_FILE runs at every boot, so that the VIP is there again."
    PERSISTED=yes
  else
    say "note: neither systemd nor OpenRC runs here, so this lasts until the next reboot; have the system run --apply --no-persist at boot."
  fi
}

forget_boot() {
  [ "$FOREIGN" = no ] || return 0
  if [ -f "$UNIT_FILE" ] || [ -f "$BOOT_SCRIPT" ]; then
    if [ -f "$UNIT_FILE" ] && [ -d /run/systemd/system ]; then systemctl disable --quiet "$NAME.service"; fi
    rm -f "$UNIT_FILE" "$BOOT_SCRIPT"
    if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
    say "done: $NAME.service and $BOOT_SCRIPT removed, so that the next boot does not bring the VIP back."
  fi
  if [ -f "$LOCAL_FILE" ]; then
    rm -f "$LOCAL_FILE"
    say "done: $LOCAL_FILE removed, so that the next boot does not bring the VIP back."
  fi
  rm -f "$UNIT_FILE.new" "$BOOT_SCRIPT.new" "$LOCAL_FILE.new"
}

check_persistence() {
  if [ "$FOREIGN" = yes ]; then
    item persistence warn "$NAME" "a network namespace of its own"
  elif [ -f "$BOOT_SCRIPT" ]; then
    current_boot "$BOOT_SCRIPT"
  elif [ -f "$LOCAL_FILE" ]; then
    current_boot "$LOCAL_FILE"
  else
    item persistence warn "$NAME" "nothing runs at boot"
  fi
}

current_boot() {
  if [ "$(cat "$1")" = "$(boot_script)" ]; then
    item persistence ok "$NAME" "$1"
  else
    item persistence warn "$NAME" "$1 prepares something else"
  fi
}

SYSCTL_FILE=/etc/sysctl.d/95-tangent-backend.conf

script_names() {
  SYSTEM=linux
  NAME=tangent-backend-$KEY
  ADDED=$STATE/added-$KEY
}

on_lo() {
  placements "$1" | grep -qx "$PREFIX dev lo"
}

# Every place of an address except the right one.
misplaced() {
  placements "$1" | grep -vx "$PREFIX dev lo" || true
}

# The kernel uses the larger one of "all" and the interface.
effective() {
  all=$(setting all "$2")
  nic=$(setting "$1" "$2")
  if [ "$all" -gt "$nic" ]; then say "$all"; else say "$nic"; fi
}

interfaces() {
  for dir in "$CONF"/*; do
    case ${dir##*/} in all | default | lo) ;; *) say "${dir##*/}" ;; esac
  done
}

# Lists of other scripts of this kind: a machine with two addresses has one script for each.
others() {
  for file in "$STATE"/added-*; do
    case $file in
      "$ADDED" | *.new) ;;
      *) if [ -f "$file" ]; then say "$file"; fi ;;
    esac
  done
}

boot_commands() {
  if [ "$FAMILY" = 4 ]; then
    say "echo $(setting all arp_ignore) > $CONF/all/arp_ignore"
    say "echo 2 > $CONF/all/arp_announce"
    for vip in $VIPS; do say "ip -4 addr replace $vip/32 dev lo"; done
  else
    for vip in $VIPS; do say "ip -6 addr replace $vip/128 dev lo preferred_lft 0"; done
  fi
}

sysctl_file() {
  need_folder "${SYSCTL_FILE%/*}"
  {
    say "# Direct Server Return: never answer or ask by ARP for a virtual address. Removed by --undo of the preparation script."
    say "net.ipv4.conf.all.arp_ignore = $(setting all arp_ignore)"
    say "net.ipv4.conf.all.arp_announce = 2"
  } | write_file "$SYSCTL_FILE"
  say "done: $SYSCTL_FILE written, so that a reload of all kernel settings does not take the two values back."
}

inspect() {
  inspect_machine
  if [ "$FAMILY" = 6 ]; then
    [ "$(cat /proc/sys/net/ipv6/conf/lo/disable_ipv6)" = 0 ] || refuse "IPv6 is disabled on lo; enable it first: echo 0 > /proc/sys/net/ipv6/conf/lo/disable_ipv6"
  fi
  for vip in $VIPS; do
    while read -r prefix where; do
      case $where in
        '') ;;
        "dev lo") refuse "$vip is on lo with prefix $prefix; only /$PREFIX is safe, a wider one takes the whole network away from this host. Remove it: ip addr del $vip/$prefix dev lo" ;;
        *) refuse "$vip is on ${where##* }, where this host answers for it and takes the clients from the appliance. Remove it: ip addr del $vip/$prefix $where" ;;
      esac
    done <<END
$(misplaced "$vip")
END
  done
  [ "$FAMILY" = 6 ] || inspect_settings
}

inspect_settings() {
  while read -r dev; do
    [ -n "$dev" ] || continue
    value=$(setting "$dev" arp_ignore)
    [ "$value" -le 2 ] || refuse "arp_ignore is $value on $dev, and the larger one of all and $dev counts: with 3 the VIP leaks, with 8 nothing is answered. Set it to 0 first: echo 0 > $CONF/$dev/arp_ignore"
    value=$(setting "$dev" arp_announce)
    [ "$value" -le 2 ] || refuse "arp_announce is $value on $dev, which beats the 2 that is needed. Set it to 0 first: echo 0 > $CONF/$dev/arp_announce"
  done <<END
$(interfaces)
END
  for key in arp_ignore arp_announce; do
    [ -w "$CONF/all/$key" ] || refuse "$CONF/all/$key cannot be written here (a container?); run this script on the host, or start the container with --sysctl net.ipv4.conf.all.arp_ignore=1 --sysctl net.ipv4.conf.all.arp_announce=2"
  done
}

# What was applied without persistence is gone after a reboot: then the saved values describe a machine that is no more.
forget_stale() {
  boot=$(cat /proc/sys/kernel/random/boot_id)
  for file in "$STATE"/runtime-*; do
    key=${file##*/runtime-}
    if [ ! -f "$file" ] || [ "$(cat "$file")" = "$boot" ]; then continue; fi
    if [ ! -f "/usr/local/sbin/tangent-backend-$key" ] && [ ! -f "/etc/local.d/tangent-backend-$key.start" ]; then rm -f "$STATE/added-$key"; fi
    rm -f "$file"
  done
  if [ -z "$(others)" ] && [ ! -f "$ADDED" ]; then rm -f "$STATE/sysctl"; fi
}

# Until persist is through, all of this is for this boot only.
remember() {
  mkdir -p "$STATE"
  forget_stale
  boots_prepared || write_file "$STATE/runtime-$KEY" </proc/sys/kernel/random/boot_id
  missing=
  for vip in $VIPS; do
    if ! on_lo "$vip" && ! listed "$ADDED" "$vip"; then missing="$missing $vip"; fi
  done
  if [ -n "$missing" ] || [ ! -f "$ADDED" ]; then
    {
      if [ -f "$ADDED" ]; then cat "$ADDED"; fi
      for vip in $missing; do say "$vip"; done
    } | write_file "$ADDED"
  fi
  if [ "$FAMILY" = 4 ] && [ ! -f "$STATE/sysctl" ]; then
    {
      say "arp_ignore $(setting all arp_ignore)"
      say "arp_announce $(setting all arp_announce)"
    } | write_file "$STATE/sysctl"
    say "saved: the present arp_ignore and arp_announce, in $STATE/sysctl, so that --undo can put them back."
  fi
}

set_all() {
  before=$(setting all "$1")
  case "$1 $before" in
    "arp_ignore 1" | "arp_ignore 2" | "arp_announce 2")
      say "kept: $1 is $before on all interfaces. $3"
      ;;
    *)
      say "$2" >"$CONF/all/$1"
      say "done: $1 on all interfaces, $before -> $2. $3"
      ;;
  esac
}

add_vip() {
  if on_lo "$1"; then
    say "kept: $1/$PREFIX is on lo, so this host takes the packets that the appliance passes on."
    return 0
  fi
  # Deprecated: IPv6 then never chooses the VIP as the source of this host's own connections.
  if [ "$FAMILY" = 6 ]; then
    ip -6 addr add "$1/128" dev lo preferred_lft 0
  else
    ip -4 addr add "$1/32" dev lo
  fi
  say "done: $1/$PREFIX added to lo, so this host takes the packets that the appliance passes on."
}

remove_vip() {
  if on_lo "$1"; then
    ip "-$FAMILY" addr del "$1/$PREFIX" dev lo
    say "done: $1/$PREFIX removed from lo. $2"
  fi
}

# The VIPs that this script added and that no farm has any more.
former_vips() {
  while read -r vip; do
    case " $VIPS " in *" $vip "*) ;; *) say "$vip" ;; esac
  done <"$ADDED"
}

remove_former_vips() {
  for vip in $(former_vips); do
    shared=no
    while read -r file; do
      if listed "$file" "$vip"; then shared=yes; fi
    done <<END
$(others)
END
    [ "$shared" = yes ] || remove_vip "$vip" "No farm of this backend uses it any more."
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
  inspect
  remember
  if [ "$FAMILY" = 4 ]; then
    set_all arp_ignore 1 "It answers ARP only for addresses of the asking interface, never for the VIP."
    set_all arp_announce 2 "Its own ARP requests never carry the VIP as sender, which would redirect the clients here."
  fi
  for vip in $VIPS; do add_vip "$vip"; done
  remove_former_vips
  persist
  if [ "$PERSISTED" = yes ]; then
    [ "$FAMILY" = 6 ] || sysctl_file
    rm -f "$STATE/runtime-$KEY"
  fi
  forget_former_vips
  say "next: the application must listen on the VIP or on every address, with the VIP's port, and the firewall must let it in:"
  for service in $SERVICES; do say "      $service"; done
}

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
}

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
      file=${file%/*}
      say "forwarding is 1 on ${file##*/}"
      return 0
    fi
  done
}

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
  for dev in lo; do
    value=$(cat "/proc/sys/net/ipv6/conf/$dev/disable_ipv6" 2>/dev/null || say 1)
    [ "$value" = 0 ] || item ipv6-disabled fail "$dev" "$value"
  done
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
  check_persistence
}

sentence() {
  case "$1 $2" in
    'address ok') say "$3 is an address of this machine." ;;
    'address fail') say "$3 is no address of this machine: this script is for another backend." ;;
    'ipv6-disabled fail') say "IPv6 is disabled on $3, so the VIP cannot be there." ;;
    'vip-on-lo ok') say "$3 is on lo, so this host takes the packets that the appliance passes on." ;;
    'vip-on-lo fail') say "$3 is not on lo, so packets for it are dropped." ;;
    'vip-forwarded fail') say "$3 is not on lo while this host forwards packets ($4): those for it go round and round between here and the appliance." ;;
    'vip-elsewhere fail') say "$3/$4: there this host answers for the VIP and takes the clients from the appliance." ;;
    'vip-wide fail') say "$3/$4: every prefix but that of one address takes the whole network away from this host." ;;
    'vip-duplicate fail') say "$3 is a duplicate on $4 (dadfailed): the appliance has it, so this host takes no packets for it there." ;;
    'arp-ignore ok') say "arp_ignore is $4 in effect on $3, so the VIP is not answered by ARP." ;;
    'arp-ignore fail') say "arp_ignore is $4 in effect on $3; it must be 1 or 2, or this host answers for the VIP." ;;
    'arp-ignore-interface fail') say "arp_ignore of $3 itself is $4, which beats the value for all interfaces: with 3 this host answers for the VIP, with 8 for nothing." ;;
    'arp-announce ok') say "arp_announce is $4 in effect on $3, so ARP requests never carry the VIP." ;;
    'arp-announce fail') say "arp_announce is $4 in effect on $3; it must be 2, or this host announces the VIP in its ARP requests." ;;
    'persistence ok') say "After a reboot this machine is prepared again: $4." ;;
    'persistence warn') say "After a reboot this machine is not prepared: $4." ;;
  esac
}

remedy() {
  case $1 in
    address) say "Take the script of the backend with an address of this machine." ;;
    ipv6-disabled) say "Enable it: echo 0 > /proc/sys/net/ipv6/conf/$2/disable_ipv6 - and take disable_ipv6 out of /etc/sysctl.d and of the kernel command line." ;;
    vip-on-lo) say "Run this script with --apply." ;;
    vip-forwarded) say "Run this script with --apply at once; forwarding may stay on." ;;
    vip-elsewhere) say "Remove it: ip addr del $2/$3 - and take it out of the configuration of that interface." ;;
    vip-wide) say "Remove it: ip addr del $2/$3 - then run this script with --apply." ;;
    vip-duplicate) say "Remove it from $3, then run this script with --apply: only lo may have it." ;;
    arp-ignore) say "Run this script with --apply." ;;
    arp-ignore-interface) say "Set it back: echo 0 > /proc/sys/net/ipv4/conf/$2/arp_ignore - and take it out of /etc/sysctl.d." ;;
    arp-announce) say "Run this script with --apply. If it refuses: echo 0 > /proc/sys/net/ipv4/conf/$2/arp_announce" ;;
    persistence) say "Run this script with --apply (without --no-persist)." ;;
  esac
}

run_checks() {
  checks
  [ "$JSON" = no ] || report_text
  delivered=yes
  if [ -n "$REPORT" ]; then send_report || delivered=no; fi
  if [ "$FAILED" = yes ] || [ "$delivered" = no ]; then exit 1; fi
}

run_mode() {
  case $MODE in
    --apply)
      must_be_root
      apply
      [ -z "$REPORT" ] || run_checks
      ;;
    --check)
      command -v ip >/dev/null || refuse "there is no ip command; install iproute2 (or busybox with ip)."
      QUIET=$JSON
      run_checks
      ;;
    --undo)
      must_be_root
      undo
      ;;
    --status) if [ "$JSON" = yes ]; then status_json; else status_text; fi ;;
  esac
}

main() {
  MODE=
  JSON=no
  PERSISTENT=yes
  REPORT=
  while [ $# -gt 0 ]; do
    case $MODE:$1 in
      :--apply | :--check | :--undo | :--status) MODE=$1 ;;
      --apply:--no-persist) PERSISTENT=no ;;
      --check:--json | --status:--json) JSON=yes ;;
      --apply:--report | --check:--report)
        report_url "${2:-}"
        shift
        ;;
      :--help | :-h)
        usage
        exit 0
        ;;
      *)
        usage >&2
        exit 2
        ;;
    esac
    shift
  done
  if [ -z "$MODE" ]; then
    usage >&2
    exit 2
  fi
  find_state
  run_mode </dev/null
}

main "$@"
