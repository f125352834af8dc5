#!/bin/sh
# Prepares a Linux backend for Direct Server Return with redirection: this host takes packets for the VIP for its own address 10.9.0.21.
# For applications that cannot listen on the VIP. No interface has the VIP. It costs connection tracking, and two VIPs share each port.
#   backend web1, address 10.9.0.21
#   farm everything: VIP 10.9.0.101, tcp, port any
#   farm everything: VIP 10.9.0.101, udp, port any
#   farm everything: VIP 10.9.0.101, sctp, port any
#   farm passive-ftp: VIP 10.9.0.102, tcp, port 21,50000-50100
#   farm web: VIP 10.9.0.100, tcp, port 80,443
#   farm web-http3: VIP 10.9.0.100, udp, port 443
# Run as root: sh FILE --apply, then --check; --undo puts everything back. --help says more. It needs nftables.
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

script_names() {
  SYSTEM=linux-redirect
  NAME=tangent-redirect-$KEY
  TABLE=tangent_redirect_$KEY
  if [ "$FAMILY" = 6 ]; then IP=ip6; else IP=ip; fi
}

# One rule for each port or range of a service, as nft lists it.
rules_of() {
  vip=${1%%/*}
  ports=${1##*/}
  protocol=${1#*/}
  protocol=${protocol%/*}
  if [ "$ports" = any ]; then
    say "$IP daddr $vip meta l4proto $protocol dnat to $RIP"
    return 0
  fi
  while [ -n "$ports" ]; do
    say "$IP daddr $vip $protocol dport ${ports%%,*} dnat to $RIP"
    case $ports in *,*) ports=${ports#*,} ;; *) ports= ;; esac
  done
}

rules() {
  for service in $SERVICES; do rules_of "$service"; done
}

# The first two lines take away what is there, whether or not something is.
ruleset() {
  say "table $IP $TABLE"
  say "delete table $IP $TABLE"
  say "table $IP $TABLE {"
  say "chain prerouting {"
  say "type nat hook prerouting priority -100; policy accept;"
  rules
  say "}"
  say "}"
}

# The rules that are there, as rules_of writes them. Ports are numbers with -nn; protocols are, too, in some versions of nft.
present_rules() {
  nft -nn list table "$IP" "$TABLE" 2>/dev/null | awk '
    BEGIN { name[6] = "tcp"; name[17] = "udp"; name[132] = "sctp" }
    $2 == "daddr" {
      if ($4 == "meta" && $6 in name) $6 = name[$6]
      $1 = $1
      print
    }'
}

table_is_there() {
  command -v nft >/dev/null && nft list table "$IP" "$TABLE" >/dev/null 2>&1
}

boot_commands() {
  say "nft -f - <<'END'"
  ruleset
  say "END"
}

inspect() {
  inspect_machine
  command -v nft >/dev/null || refuse "there is no nft command; install nftables, or use the script that adds the VIP to lo."
  for vip in $VIPS; do
    place=$(placements "$vip" | awk 'NR == 1')
    [ -z "$place" ] || refuse "$vip is on ${place##* }: with redirection no interface may have it, or this host answers for it. Undo the script that put it there, or: ip addr del $vip/$place"
  done
  answer=$(ruleset | nft -c -f - 2>&1) || refuse "nft does not take the rules here (a container without NET_ADMIN?): $(plain "$answer")"
}

apply() {
  inspect
  present=$(present_rules)
  wanted=$(rules)
  verb="kept"
  if [ "$present" != "$wanted" ]; then
    ruleset | nft -f -
    verb="done"
  fi
  for service in $SERVICES; do say "$verb: $service is redirected to $RIP, in table $IP $TABLE."; done
  say "$present" | while read -r rule; do
    case "$wanted
" in *"$rule
"*) ;; *) say "done: removed, because no farm of this backend uses it any more: $rule" ;; esac
  done
  persist
  say "next: the application must listen on $RIP or on every address, with the port that the clients use, and the firewall must let it in there."
}

undo() {
  known=no
  if table_is_there || boots_prepared; then known=yes; fi
  forget_boot
  if table_is_there; then
    nft delete table "$IP" "$TABLE"
    say "done: table $IP $TABLE deleted. This host no longer takes packets for the VIP, and connections through it break."
  fi
  forget_folders
  rmdir "$STATE" 2>/dev/null || true
  if [ "$known" = yes ]; then
    say "done: this machine is as it was before the first --apply."
  else
    say "kept: nothing of this script is left here, so nothing is to be undone."
  fi
}

status_text() {
  read_rules
  for service in $SERVICES; do
    if [ -z "$(missing_ports "$service")" ]; then say "rules: $service is redirected to $RIP."; else say "rules: $service is not redirected."; fi
  done
  if table_is_there; then say "applied: yes; --undo deletes table $IP $TABLE."; else say "applied: no."; fi
  if boots_prepared; then say "after a reboot: prepared again."; else say "after a reboot: not prepared."; fi
}

status_json() {
  read_rules
  redirected=
  for service in $SERVICES; do
    [ -n "$(missing_ports "$service")" ] || redirected="$redirected $service"
  done
  applied=false
  boots=false
  if table_is_there; then applied=true; fi
  if boots_prepared; then boots=true; fi
  say "{\"system\":\"$SYSTEM\",\"backend\":\"$RIP\",\"services\":$(json_list "$SERVICES"),\"redirected\":$(json_list "$redirected"),\"applied\":$applied,\"boots\":$boots}"
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

# The ports of a service that none of the rules in PRESENT redirects.
missing_ports() {
  rules_of "$1" | while read -r rule; do
    case $PRESENT in
      *"
$rule
"*) continue ;;
    esac
    rule=${rule%" dnat to $RIP"}
    case $rule in *" dport "*) say "${rule##* }" ;; *) say any ;; esac
  done
}

read_rules() {
  PRESENT="
$(present_rules)
"
}

check_service() {
  missing=$(missing_ports "$1" | awk '{ printf "%s%s", (NR == 1 ? "" : ","), $0 }')
  if [ -z "$missing" ]; then
    item redirect-rule ok "$1" "$RIP"
    return 0
  fi
  forwards=$(forwarding)
  if [ -n "$forwards" ]; then
    item vip-forwarded fail "$1" "$forwards"
  else
    item redirect-rule fail "$1" "$missing"
  fi
}

check_rules() {
  unseen=
  if ! command -v nft >/dev/null; then
    unseen="there is no nft command"
  elif [ "$(id -u)" != 0 ]; then
    unseen="only root can look"
  fi
  read_rules
  for service in $SERVICES; do
    if [ -n "$unseen" ]; then item redirect-rule warn "$service" "$unseen"; else check_service "$service"; fi
  done
}

check_places() {
  for vip in $VIPS; do
    while read -r place; do
      [ -z "$place" ] || item vip-elsewhere fail "$vip" "$place"
    done <<END
$(placements "$vip")
END
  done
}

checks() {
  check_address
  check_rules
  check_places
  check_persistence
}

sentence() {
  case "$1 $2" in
    'address ok') say "$3 is an address of this machine." ;;
    'address fail') say "$3 is no address of this machine: this script is for another backend." ;;
    'redirect-rule ok') say "$3 is redirected to $4, where the application listens." ;;
    'redirect-rule fail') say "$3 is not redirected, at port $4: packets for it are dropped." ;;
    'redirect-rule warn') say "Whether $3 is redirected could not be seen: $4." ;;
    'vip-forwarded fail') say "$3 is not redirected while this host forwards packets ($4): those for it go round and round between here and the appliance." ;;
    'vip-elsewhere fail') say "$3/$4: with redirection no interface of this host may have the VIP, or it answers for it and takes the clients from the appliance." ;;
    'persistence ok') say "After a reboot this machine is prepared again: $4." ;;
    'persistence warn') say "After a reboot this machine is not prepared: $4." ;;
  esac
}

remedy() {
  case $1 in
    address) say "Take the script of the backend with an address of this machine." ;;
    redirect-rule) say "Run this script as root with --apply, and again after something emptied the nft rules." ;;
    vip-forwarded) say "Run this script with --apply at once; forwarding may stay on." ;;
    vip-elsewhere) say "Undo the script that put it there, or remove it: ip addr del $2/$3" ;;
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
