#!/bin/sh
# Prepares a Linux backend for Direct Server Return: this host takes packets for the VIP and answers the client itself.
#   backend web1, address 10.9.0.21
#   farm dns: VIP 10.9.0.101, tcp, port 53
#   farm dns: VIP 10.9.0.101, udp, port 53
#   farm dns: VIP 10.9.0.101, sctp, port 53
#   farm dns: VIP 10.9.0.102, tcp, port 53
#   farm dns: VIP 10.9.0.102, udp, port 53
#   farm dns: VIP 10.9.0.102, sctp, port 53
#   farm web: VIP 10.9.0.100, tcp, port 80,443
#   farm web: VIP 10.9.0.101, tcp, port 80,443
#   farm web: VIP 192.0.2.7, tcp, port 80,443
# Run as root: sh FILE --apply, then --check; --undo puts everything back. --help says more.
# Nothing runs before the last line, so half a download does nothing.

RIP='10.9.0.21'
KEY='10-9-0-21'
FAMILY='4'
PREFIX='32'
VIPS='10.9.0.101 10.9.0.102 10.9.0.100 192.0.2.7'
SERVICES='10.9.0.101/tcp/53 10.9.0.101/udp/53 10.9.0.101/sctp/53 10.9.0.102/tcp/53 10.9.0.102/udp/53 10.9.0.102/sctp/53 10.9.0.100/tcp/80,443 10.9.0.101/tcp/80,443 192.0.2.7/tcp/80,443'

set -eu
LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
CONF=/proc/sys/net/ipv4/conf
SYSCTL_FILE=/etc/sysctl.d/95-tangent-backend.conf

usage() {
  cat <<'END'
Usage: sh FILE --apply [--no-persist] | --check | --undo | --status
  --apply       prepare this machine; running it again changes nothing
  --no-persist  with --apply: until the next reboot only, no file outside the state folder
  --check       look only: is everything as it must be?
  --undo        put everything back as it was before the first --apply
  --status      look only: what this script has done here
Exit status: 0 ok, 1 a check failed, 2 wrong usage or not root, 3 refused, nothing was changed.
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
  ADDED=$STATE/added-$KEY
  NAME=tangent-backend-$KEY
  BOOT_SCRIPT=/usr/local/sbin/$NAME
  UNIT_FILE=/etc/systemd/system/$NAME.service
  LOCAL_FILE=/etc/local.d/$NAME.start
}

# Every place that holds an address, one "device prefix" per line. An address with a peer has the prefix "none".
placements() {
  ip -o "-$FAMILY" addr show | while read -r _ dev _ cidr _; do
    [ "${cidr%%/*}" = "$1" ] || continue
    case $cidr in
      */*) say "${dev%%@*} ${cidr##*/}" ;;
      *) say "${dev%%@*} none" ;;
    esac
  done
}

on_lo() {
  placements "$1" | grep -qx "lo $PREFIX"
}

# Every place of an address except the right one.
misplaced() {
  placements "$1" | grep -vx "lo $PREFIX" || true
}

setting() {
  cat "$CONF/$1/$2" 2>/dev/null || say 0
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

listed() {
  [ -f "$1" ] && grep -qxF -e "$2" "$1"
}

# Lists of other scripts of this kind: a machine with two addresses has one script for each.
others() {
  for file in "$STATE"/added-*; do
    if [ -f "$file" ] && [ "$file" != "$ADDED" ]; then say "$file"; fi
  done
}

# Standard input becomes the file, whole or not at all.
write_file() {
  cat >"$1.new"
  mv -f "$1.new" "$1"
}

inspect() {
  [ "$(uname -s)" = Linux ] || refuse "this script is for Linux."
  command -v ip >/dev/null || refuse "there is no ip command; install iproute2 (or busybox with ip)."
  [ -n "$(placements "$RIP")" ] || refuse "no interface here has the address $RIP; this script is for the backend that has it."
  if [ "$FAMILY" = 6 ]; then
    [ -d /proc/sys/net/ipv6 ] || refuse "the kernel runs without IPv6, but the VIP is an IPv6 address."
    [ "$(cat /proc/sys/net/ipv6/conf/lo/disable_ipv6)" = 0 ] || refuse "IPv6 is disabled on lo; enable it first: echo 0 > /proc/sys/net/ipv6/conf/lo/disable_ipv6"
  fi
  for vip in $VIPS; do
    while read -r dev prefix; do
      case $dev in
        '') ;;
        lo) refuse "$vip is on lo with prefix $prefix; only /$PREFIX is safe, a wider one takes the whole network away from this host. Remove it: ip addr del $vip/$prefix dev lo" ;;
        *) refuse "$vip is on $dev, where this host answers for it and takes the clients from the appliance. Remove it: ip addr del $vip/$prefix dev $dev" ;;
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
    [ "$value" -le 2 ] || refuse "arp_ignore is $value on $dev, and the larger one of all and $dev counts: with 3 the VIP leaks, with 8 nothing is answered. Set it to 0 first."
    value=$(setting "$dev" arp_announce)
    [ "$value" -le 2 ] || refuse "arp_announce is $value on $dev, which beats the 2 that is needed. Set it to 0 first."
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
    if [ -f "$file" ] && [ "$(cat "$file")" != "$boot" ]; then
      rm -f "$STATE/added-${file##*/runtime-}" "$file"
    fi
  done
  if [ -z "$(others)" ] && [ ! -f "$ADDED" ]; then rm -f "$STATE/sysctl"; fi
}

remember() {
  mkdir -p "$STATE"
  forget_stale
  [ -f "$ADDED" ] || write_file "$ADDED" </dev/null
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
  if ! listed "$ADDED" "$1"; then
    { cat "$ADDED"; say "$1"; } | write_file "$ADDED"
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

remove_former_vips() {
  while read -r vip; do
    case " $VIPS " in *" $vip "*) continue ;; esac
    [ -n "$vip" ] || continue
    shared=no
    while read -r file; do
      if listed "$file" "$vip"; then shared=yes; fi
    done <<END
$(others)
END
    [ "$shared" = yes ] || remove_vip "$vip" "No farm of this backend uses it any more."
    grep -vxF -e "$vip" "$ADDED" | write_file "$ADDED" || true
  done <<END
$(cat "$ADDED")
END
}

apply() {
  must_be_root
  inspect
  remember
  if [ "$FAMILY" = 4 ]; then
    set_all arp_ignore 1 "It answers ARP only for addresses of the asking interface, never for the VIP."
    set_all arp_announce 2 "Its own ARP requests never carry the VIP as sender, which would redirect the clients here."
  fi
  for vip in $VIPS; do add_vip "$vip"; done
  remove_former_vips
  if [ "$1" = yes ]; then persist; else stay_temporary; fi
  say "next: the application must listen on the VIP or on every address, with the VIP's port, and the firewall must let it in:"
  for service in $SERVICES; do say "      $service"; done
}

boot_script() {
  say "#!/bin/sh"
  say "# Prepares this backend for Direct Server Return at boot. Removed by --undo of the preparation script for $RIP."
  say "set -eu"
  say "PATH=/usr/sbin:/usr/bin:/sbin:/bin"
  if [ "$FAMILY" = 4 ]; then
    say "echo $(setting all arp_ignore) > $CONF/all/arp_ignore"
    say "echo 2 > $CONF/all/arp_announce"
    for vip in $VIPS; do say "ip -4 addr replace $vip/32 dev lo"; done
  else
    for vip in $VIPS; do say "ip -6 addr replace $vip/128 dev lo preferred_lft 0"; done
  fi
}

unit() {
  cat <<END
[Unit]
Description=Direct Server Return: virtual addresses of this backend ($RIP)
DefaultDependencies=no
After=systemd-sysctl.service systemd-modules-load.service local-fs.target
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

sysctl_file() {
  [ "$FAMILY" = 4 ] || return 0
  mkdir -p "${SYSCTL_FILE%/*}"
  {
    say "# Direct Server Return: never answer or ask by ARP for a virtual address. Removed by --undo of the preparation script."
    say "net.ipv4.conf.all.arp_ignore = $(setting all arp_ignore)"
    say "net.ipv4.conf.all.arp_announce = 2"
  } | write_file "$SYSCTL_FILE"
  say "done: $SYSCTL_FILE written, so that a reload of all kernel settings does not take the two values back."
}

stay_temporary() {
  if [ -f "$BOOT_SCRIPT" ] || [ -f "$LOCAL_FILE" ]; then
    say "kept: an earlier --apply has made this last over a reboot; --undo takes that away."
    return 0
  fi
  write_file "$STATE/runtime-$KEY" </proc/sys/kernel/random/boot_id
  say "note: all this lasts until the next reboot; run --apply without --no-persist to keep it."
}

persist() {
  if [ "$FOREIGN" = yes ]; then
    say "note: this is a network namespace of its own, so nothing is written for the next reboot."
    write_file "$STATE/runtime-$KEY" </proc/sys/kernel/random/boot_id
    return 0
  fi
  if [ -d /run/systemd/system ]; then
    mkdir -p "${BOOT_SCRIPT%/*}"
    boot_script | write_file "$BOOT_SCRIPT"
    unit | write_file "$UNIT_FILE"
    systemctl daemon-reload
    systemctl enable --quiet "$NAME.service"
    say "done: $NAME.service runs $BOOT_SCRIPT at every boot, before any interface is up, so that the VIP never leaks."
  elif [ -d /etc/local.d ] && command -v rc-update >/dev/null; then
    boot_script | write_file "$LOCAL_FILE"
    chmod 755 "$LOCAL_FILE"
    rc-update -q add local default
    say "done: $LOCAL_FILE runs at every boot, so that the VIP is there again."
  else
    say "note: neither systemd nor OpenRC runs here, so this lasts until the next reboot; have the system run --apply --no-persist at boot."
    write_file "$STATE/runtime-$KEY" </proc/sys/kernel/random/boot_id
    return 0
  fi
  sysctl_file
  rm -f "$STATE/runtime-$KEY"
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
  rm -f "$UNIT_FILE.new" "$BOOT_SCRIPT.new" "$LOCAL_FILE.new" "$SYSCTL_FILE.new"
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
  mode=${1:-}
  persistent=yes
  case "$#:$mode:${2:-}" in
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

main "$@"
