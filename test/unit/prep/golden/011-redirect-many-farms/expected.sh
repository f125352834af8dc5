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
Exit status: 0 ok, 1 a check failed or was not delivered, 2 wrong usage or not root, 3 refused, nothing was changed, 4 failed in the middle.
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
  KEPT=$STATE/$NAME.sh
  BOOT_SCRIPT=/usr/local/sbin/$NAME
  UNIT_FILE=/etc/systemd/system/$NAME.service
  UNIT_LINK=/etc/systemd/system/multi-user.target.wants/$NAME.service
  LOCAL_FILE=/etc/local.d/$NAME.start
  LOCAL_LINK=/etc/runlevels/default/local
  SYSCTL_FILE=/etc/sysctl.d/95-tangent-backend.conf
}

# A process by its number and the time of its start; nothing when it has ended.
process() {
  awk -v number="$1" '{ sub(/.*[)] /, ""); if ($1 !~ /[XZ]/) print number "-" $20 }' "/proc/$1/stat" 2>/dev/null || true
}

# One script at a time. The lock is a link to the name of the process, which is made whole or not at all; one that was killed is known by it.
take_lock() {
  own=$(process $$)
  turn=0
  vain=0
  until mkdir -p "$STATE" 2>/dev/null && ln -s "$own" "$STATE/lock" 2>/dev/null; do
    holder=$(readlink "$STATE/lock" || true)
    if [ -n "$holder" ] && [ "$(process "${holder%-*}")" != "$holder" ]; then
      break_lock
    elif [ -z "$holder" ]; then
      # Nobody had it, or it was given back just now.
      vain=$((vain + 1))
      [ "$vain" -lt 10 ] || refuse_state
    else
      vain=0
      turn=$((turn + 1))
      [ "$turn" -le 60 ] || refuse "another preparation script is at work here, process ${holder%-*}. Run this one when that has ended."
      [ "$turn" -gt 1 ] || say "note: another preparation script is at work here, so this one waits."
      sleep 1
    fi
  done
  LOCKED=yes
}

# What is moved away may be the lock of one that was faster: that goes back.
break_lock() {
  mv "$STATE/lock" "$STATE/.tangent-new.$$" 2>/dev/null || return 0
  moved=$(readlink "$STATE/.tangent-new.$$")
  [ "$moved" = "$holder" ] || ln -s "$moved" "$STATE/lock" 2>/dev/null || true
  rm -f "$STATE/.tangent-new.$$"
}

drop_lock() {
  [ "$LOCKED" = yes ] || return 0
  LOCKED=no
  rm -f "$STATE/lock"
  drop_state
}

refuse_state() {
  refuse "the state folder $STATE cannot be written: it is read-only, or the disk is full. TANGENT_BACKEND_STATE=/other/folder moves it."
}

# When nothing is in it any more.
drop_state() {
  rmdir "$STATE" 2>/dev/null || true
  case $STATE in */tangent-backend/netns-*) rmdir "${STATE%/*}" 2>/dev/null || true ;; esac
}

# Every address with its place in the words of the ip command: "10.9.0.21 24 dev eth0". A line begins with "duplicate" when IPv6 found one.
addresses() {
  ip -o "-$FAMILY" addr show | awk '
    {
      split($4, part, "/")
      if ($5 == "peer") part[2] = "32 peer " $6
      print (/ dadfailed / ? "duplicate" : "unique"), part[1], part[2], "dev", $2
    }'
}

# Every place of an address.
placements() {
  addresses | awk -v want="$1" '$2 == want { sub(/^[a-z]+ [^ ]+ /, ""); print }'
}

# Read by cat: a shell reads byte by byte, and of files like these the second byte is never there.
setting() {
  cat "$CONF/$1/$2" 2>/dev/null || say 0
}

# The kernel uses the larger one of "all" and the interface.
effective() {
  all=$(setting all "$2")
  nic=$(setting "$1" "$2")
  if [ "$all" -gt "$nic" ]; then say "$all"; else say "$nic"; fi
}

# Not every awk takes a value of several lines.
one_line() {
  awk '{ printf "%s ", $0 }'
}

listed() {
  [ -f "$1" ] && grep -qxF -e "$2" "$1"
}

# Standard input becomes the file, whole or not at all.
write_file() {
  cat >"${1%/*}/.tangent-new.$$"
  mv -f "${1%/*}/.tangent-new.$$" "$1"
}

# For --undo when the console knows this machine no more. A script that came through a pipe is nowhere.
keep_script() {
  if [ ! -f "$0" ] || ! grep -qxF -e "KEY='$KEY'" "$0"; then return 0; fi
  (umask 077 && cat "$0" >"$STATE/.tangent-new.$$") 2>/dev/null && mv -f "$STATE/.tangent-new.$$" "$KEPT" && return 0
  rm -f "$STATE/.tangent-new.$$"
  refuse_state
}

undo_line() {
  say "undo: sudo ${TANGENT_BACKEND_STATE:+env TANGENT_BACKEND_STATE=$STATE }sh $KEPT --undo"
}

# The folder, or as much of the way to it as is there; nothing for the root.
nearest() {
  folder=$1
  until [ -d "$folder/" ]; do folder=${folder%/*}; done
  say "$folder"
}

# Tried, because root is told of every folder that it may write there, and because a disk can be full.
takes_files() {
  probe=$(nearest "$1")/.tangent-new.$$
  answer=yes
  { boot_script | cat >"$probe"; } 2>/dev/null || answer=no
  rm -f "$probe"
  [ "$answer" = yes ]
}

# What a killed run left of its files.
sweep() {
  set -- "$STATE"
  if [ "$FOREIGN" = no ]; then set -- "$@" "$(nearest "${BOOT_SCRIPT%/*}")" "$(nearest "${UNIT_FILE%/*}")" "$(nearest "${LOCAL_FILE%/*}")" "$(nearest "${SYSCTL_FILE%/*}")"; fi
  for folder in "$@"; do
    for file in "$folder"/.tangent-new.*; do if [ -f "$file" ] || [ -L "$file" ]; then rm -f "$file"; fi; done
  done
}

ITEMS=
FAILED=no
QUIET=no

# What the machine says of itself (names, rules) is reduced to plain characters, and cut after 200 or $2.
plain() {
  text=$1
  case $text in
    *[!A-Za-z0-9\ ._:@/,-]*) text=$(say "$text" | awk 'NR == 1 { gsub(/[^A-Za-z0-9 ._:@\/,-]+/, ""); print }') ;;
  esac
  printf "%.${2:-200}s\n" "$text"
}

# An interface for a command that people copy. A name that a shell could read otherwise is not given, nor what plain makes of it: that may be another one.
named() {
  case $1 in *[!A-Za-z0-9._:@,-]*) say INTERFACE ;; *) say "$1" ;; esac
}

# A place of an address, likewise.
place_named() {
  say "${1% *} $(named "${1##* }")"
}

item() {
  subject=$(plain "$3" 2000)
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
  words=$(remedy "$1" "$2" "$subject" "$found")
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
    say "${answer%000}" | awk '{ sub(/^curl: /, ""); print }'
    return 0
  }
  case $answer in 2??) say delivered ;; *) say "HTTP $answer" ;; esac
}

# Both kinds of wget take the report as an argument only, and the kernel lets an argument have 128 KiB. Some of busybox die of -T.
post_with_wget() {
  set -- -O /dev/null --header='Content-Type: application/json' --post-data="$(report_text)" "$REPORT"
  case $(wget --version 2>&1 || true) in *"GNU Wget"*) set -- -T 30 -t 1 --max-redirect=0 "$@" ;; esac
  if answer=$(wget "$@" 2>&1); then
    say delivered
  else
    say "$answer" | awk '
      match($0, /(ERROR|HTTP\/[0-9.]+) [0-9][0-9][0-9]/) { status = "HTTP " substr($0, RSTART + RLENGTH - 3, 3) }
      NF { last = $0 }
      END { print status == "" ? last : status }'
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

# Whether --apply writes for the next boot, and has what it needs.
will_last() {
  [ "$FOREIGN" = no ] && { [ "$PERSISTENT" = yes ] || boots_prepared; } && { systemd_runs || openrc_runs; }
}

systemd_runs() {
  [ -d /run/systemd/system ]
}

openrc_runs() {
  [ -d /etc/local.d ] && command -v rc-update >/dev/null
}

unit_stands() {
  holds "$BOOT_SCRIPT" "$(boot_script)" && holds "$UNIT_FILE" "$(unit)" && [ -L "$UNIT_LINK" ]
}

hook_stands() {
  [ -x "$LOCAL_FILE" ] && holds "$LOCAL_FILE" "$(boot_script)" && [ -L "$LOCAL_LINK" ]
}

# Every folder that --apply will write to.
inspect_files() {
  takes_files "$STATE" || refuse_state
  will_last || return 0
  if systemd_runs; then
    [ ! -L "$UNIT_FILE" ] || refuse "$NAME.service is masked, so it cannot run at boot. systemctl unmask $NAME.service$(or_for_now)"
    unit_stands || must_take "${BOOT_SCRIPT%/*}" "${UNIT_FILE%/*}"
  else
    hook_stands || must_take "${LOCAL_FILE%/*}"
  fi
}

must_take() {
  for place in "$@"; do
    takes_files "$place" || refuse "$place cannot be written, so nothing could prepare this machine at the next boot: it is read-only, or the disk is full. Mend that$(or_for_now)"
  done
}

or_for_now() {
  if boots_prepared; then say "."; else say ", or run --apply --no-persist, which lasts until the next reboot."; fi
}

# Folders that are made here, or by systemctl, are noted, so that --undo can take them away.
need_folder() {
  [ ! -d "$1" ] || return 0
  mkdir -p "$STATE"
  listed "$STATE/folders" "$1" || say "$1" >>"$STATE/folders"
  mkdir -p "$1"
}

# Only with the last script that has a file in one of them.
forget_folders() {
  for file in /usr/local/sbin/tangent-* /etc/systemd/system/tangent-*.service /etc/local.d/tangent-*.start; do
    case $file in *.sh) ;; *) [ ! -f "$file" ] || return 0 ;; esac
  done
  if [ -f "$STATE/folders" ]; then
    while read -r folder; do rmdir "$folder" 2>/dev/null || true; done <"$STATE/folders"
    rm -f "$STATE/folders"
  fi
}

holds() {
  [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]
}

persist() {
  if [ "$FOREIGN" = yes ]; then
    say "note: this is a network namespace of its own, so nothing is written for the next reboot."
  elif [ "$PERSISTENT" = no ] && ! boots_prepared; then
    say "note: all this lasts until the next reboot; run --apply without --no-persist to keep it."
  elif systemd_runs; then
    if unit_stands; then
      verb="kept"
    else
      need_folder "${BOOT_SCRIPT%/*}"
      need_folder "${UNIT_LINK%/*}"
      boot_script | write_file "$BOOT_SCRIPT"
      unit | write_file "$UNIT_FILE"
      systemctl daemon-reload
      systemctl enable --quiet "$NAME.service"
      verb="done"
    fi
    say "$verb: $NAME.service runs $BOOT_SCRIPT at every boot, before any interface is up, so that the VIP never leaks."
  elif openrc_runs; then
    if hook_stands; then
      verb="kept"
    else
      boot_script | write_file "$LOCAL_FILE"
      chmod 755 "$LOCAL_FILE"
      mkdir -p "$STATE"
      [ -L "$LOCAL_LINK" ] || : >"$STATE/local-added"
      rc-update -q add local default
      verb="done"
    fi
    say "$verb: $LOCAL_FILE runs at every boot, so that the VIP is there again."
  else
    say "note: neither systemd nor OpenRC runs here, so this lasts until the next reboot; have the system run --apply --no-persist at boot."
  fi
}

forget_boot() {
  [ "$FOREIGN" = no ] || return 0
  if [ -f "$UNIT_FILE" ] || [ -f "$BOOT_SCRIPT" ]; then
    if [ -f "$UNIT_FILE" ] && systemd_runs; then systemctl disable --quiet "$NAME.service" || true; fi
    rm -f "$UNIT_LINK" "$UNIT_FILE" "$BOOT_SCRIPT"
    if systemd_runs; then systemctl daemon-reload || true; fi
    say "done: $NAME.service and $BOOT_SCRIPT removed, so that the next boot does not bring the VIP back."
  fi
  if [ -f "$LOCAL_FILE" ]; then
    rm -f "$LOCAL_FILE"
    say "done: $LOCAL_FILE removed, so that the next boot does not bring the VIP back."
  fi
  forget_local
}

# OpenRC runs local.d because of --apply alone: as long as a script of this kind, or since then of the admin's, is there.
forget_local() {
  [ -f "$STATE/local-added" ] || return 0
  set -- /etc/local.d/*.start
  case "$*" in
    *tangent-*) ;;
    "/etc/local.d/*.start")
      rc-update -q del local default || true
      rm -f "$STATE/local-added"
      ;;
    *) rm -f "$STATE/local-added" ;;
  esac
}

check_persistence() {
  if [ "$FOREIGN" = yes ]; then
    item namespace warn "$NAME" ""
  elif [ -f "$BOOT_SCRIPT" ]; then
    check_boot "$BOOT_SCRIPT" "$UNIT_LINK"
  elif [ -f "$LOCAL_FILE" ]; then
    check_boot "$LOCAL_FILE" "$LOCAL_LINK"
  else
    item persistence warn "$NAME" "nothing of this script runs at boot"
  fi
}

check_boot() {
  if ! holds "$1" "$(boot_script)"; then
    item persistence warn "$NAME" "$1 is of another state of the farms"
  elif [ "$1" = "$BOOT_SCRIPT" ] && [ -L "$UNIT_FILE" ]; then
    item persistence warn "$NAME" "$NAME.service is masked"
  elif [ "$1" = "$BOOT_SCRIPT" ] && [ ! -f "$UNIT_FILE" ]; then
    item persistence warn "$NAME" "$NAME.service is missing"
  elif [ "$1" = "$BOOT_SCRIPT" ] && ! holds "$UNIT_FILE" "$(unit)"; then
    item persistence warn "$NAME" "$NAME.service was changed"
  elif [ ! -L "$2" ]; then
    item persistence warn "$NAME" "$1 is not enabled"
  else
    item persistence ok "$NAME" "$1"
  fi
}

# hex: an address as hexadecimal digits, so that text comparison orders addresses; one of IPv4 in IPv6 counts as IPv4.
# note: remembers how some ports of a service fare; those that fare alike become one line "code verdict service found".
awk_library() {
  cat <<'AWK'
function hex(text,   part, n, i, out, filled) {
  if (index(text, ":") == 0) {
    if (split(text, part, ".") != 4) return ""
    return sprintf("%02x%02x%02x%02x", part[1] + 0, part[2] + 0, part[3] + 0, part[4] + 0)
  }
  if (text ~ /:[0-9]+\.[0-9.]+$/) {
    match(text, /[0-9]+\.[0-9.]+$/)
    out = hex(substr(text, RSTART))
    if (substr(text, 1, RSTART - 1) == "::ffff:") return out
    text = substr(text, 1, RSTART - 1) substr(out, 1, 4) ":" substr(out, 5)
    out = ""
  }
  n = split(text, part, ":")
  for (i = 1; i <= n; i++) {
    if (part[i] != "") out = out substr("0000" part[i], length(part[i]) + 1)
    else if (!filled && (i > 1 || part[2] == "")) { filled = 1; out = out "|" }
  }
  if (filled) out = substr(out, 1, index(out, "|") - 1) substr("00000000000000000000000000000000", length(out)) substr(out, index(out, "|") + 1)
  return tolower(out)
}
function note(code, verdict, service, ports, found,   key) {
  key = code SUBSEP verdict SUBSEP service SUBSEP found
  if (!(key in noted)) { noted[key] = ports; note_code[++notes] = code; note_verdict[notes] = verdict; note_service[notes] = service; note_found[notes] = found }
  else noted[key] = noted[key] "," ports
}
function print_notes(   i) {
  for (i = 1; i <= notes; i++)
    print note_code[i], note_verdict[i], note_service[i] "/" noted[note_code[i], note_verdict[i], note_service[i], note_found[i]], note_found[i]
}
AWK
}

# Standard input: lines of print_notes.
note_items() {
  while read -r code verdict service found; do item "$code" "$verdict" "$service" "$found"; done
}

# Lines about all services; without any the awk here is one that nobody has tried.
judged_items() {
  if [ -n "$2" ]; then
    note_items <<END
$2
END
  else
    for service in $SERVICES; do item "$1" warn "$service" "the awk of this machine cannot work it out"; done
  fi
}

# Sockets that wait for clients, after a line that says where they come from.
sockets() {
  if command -v ss >/dev/null; then
    say "from ss4"
    ss -4 -lntu
    say "from ss6"
    ss -6 -lntu
  elif command -v netstat >/dev/null; then
    say "from netstat"
    netstat -lntuW 2>/dev/null || netstat -lntu
  else
    say "from nowhere"
  fi
  say "from sctp"
  cat /proc/net/sctp/eps 2>/dev/null || true
}

# ss writes * for a socket of both families and [::] for IPv6 alone; netstat and ss before 2018 write :: for either.
listeners_awk() {
  cat <<'AWK'
function socket(protocol, text, port) {
  bound = ""
  if (match(text, /%[^]:]*/)) { bound = substr(text, RSTART + 1, RLENGTH - 1); text = substr(text, 1, RSTART - 1) substr(text, RSTART + RLENGTH) }
  kind[++count] = protocol
  at[count] = text
  number[count] = port + 0
  device[count] = bound
  six[count] = from == "ss6" || (from == "netstat" && text ~ /:/)
}
function takes(i, wanted,   ipv6) {
  ipv6 = length(wanted) == 32
  if (device[i] != "" && device[i] != nic) return 0
  if (at[i] == "*") return ipv6 && !six[i] ? 0 : 2
  if (at[i] == "0.0.0.0") return ipv6 ? 0 : 2
  if (at[i] == "[::]") return ipv6 ? 2 : 0
  if (at[i] == "::" || at[i] ~ /^0000:[0:]*$/) return ipv6 ? 2 : 1
  gsub(/[][]/, "", at[i])
  return hex(at[i]) == wanted ? 3 : 0
}
function judge(vip, protocol, ports, wanted, first, last,   i, how, best, others) {
  service = vip "/" protocol
  for (i = 1; i <= count; i++) {
    if (kind[i] != protocol || number[i] < first || number[i] > last) continue
    how = takes(i, wanted)
    if (how > best) best = how
    if (how == 0 && index(" " others " ", " " at[i] " ") == 0) others = others (others == "" ? "" : " ") at[i]
  }
  if (best == 3 || (best == 2 && (protocol != "udp" || target != ""))) note("listener", "ok", service, ports, "")
  # udp(7): a datagram from such a socket leaves with the address of the interface, unless the application sets another (IP_PKTINFO). NAT puts that right.
  else if (best == 2) note("listener-every-address", "warn", service, ports, "")
  else if (best == 1) note("listener", "warn", service, ports, "it listens on ::, which is IPv6 alone or both")
  else if (others != "") note("listener-elsewhere", "fail", service, ports, others)
  else note("listener", "fail", service, ports, "")
}
function judge_all(   n, i, part, m, j, range, service_list, ports, edge, to) {
  n = split(services, service_list, " ")
  for (i = 1; i <= n; i++) {
    split(service_list[i], part, "/")
    m = split(part[3], ports, ",")
    for (j = 1; j <= m; j++) {
      if (from_nowhere) { note("listener", "warn", part[1] "/" part[2], ports[j], "neither ss nor netstat is here"); continue }
      if (ports[j] == "any") { note("listener", "warn", part[1] "/" part[2], "any", "it is for every port"); continue }
      range = part[1] "/" part[2] "/" ports[j]
      if (range in sent && split(sent[range], to, " ") < 2) { note("listener", "warn", part[1] "/" part[2], ports[j], "NAT hands it on before any application sees it"); continue }
      split(range in sent ? to[2] : ports[j], edge, "-")
      judge(part[1], part[2], ports[j], hex(range in sent ? to[1] : target == "" ? part[1] : target), edge[1] + 0, (edge[2] == "" ? edge[1] : edge[2]) + 0)
    }
  }
}
$1 == "from" { from = $2; if (from == "nowhere") from_nowhere = 1; next }
from == "nat" { if (NF > 1) sent[$2] = $3 " " $4; next }
from == "sctp" { if ($4 == 10) for (i = 9; i <= NF; i++) socket("sctp", $i, $6); next }
{
  protocol = $1
  sub(/6$/, "", protocol)
  text = from == "netstat" ? $4 : $5
  if ((protocol == "tcp" || protocol == "udp") && match(text, /:[0-9]+$/)) socket(protocol, substr(text, 1, RSTART - 1), substr(text, RSTART + 1))
}
END { judge_all(); print_notes() }
AWK
}

check_listeners() {
  judged=$({
    sockets
    say "from nat"
    say "$2"
  } | awk -v services="$SERVICES" -v target="$1" -v nic="$NIC" "$(awk_library; listeners_awk)") || judged=
  judged_items listener "$judged"
}

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

firewall_sources() {
  if [ "$FAMILY" = 6 ]; then save=ip6tables; else save=iptables; fi
  for tool in "$save-save" "$save-legacy-save"; do
    if command -v "$tool" >/dev/null; then
      say "from iptables"
      "$tool" 2>/dev/null || say "unreadable"
    fi
  done
  if command -v nft >/dev/null; then
    say "from nft"
    nft list ruleset 2>/dev/null || say "unreadable"
  fi
}

firewall_reader_awk() {
  cat <<'AWK'
# Quoted texts become one word, and every brace and comma of a set a word of its own.
function words(text,   out, quoted) {
  gsub(/\\"/, "_", text)
  while (match(text, /"[^"]*"/)) {
    quoted = substr(text, RSTART + 1, RLENGTH - 2)
    gsub(/[^A-Za-z0-9_.:@*\/-]/, "_", quoted)
    out = out substr(text, 1, RSTART - 1) "\"" quoted "\""
    text = substr(text, RSTART + RLENGTH)
  }
  text = out text
  sub(/ # .*/, "", text)
  gsub(/[{}()]/, " & ", text)
  text = text " "
  gsub(/,[ \t]+/, " , ", text)
  gsub(/[ \t;]+/, " ", text)
  sub(/^ /, "", text)
  sub(/ $/, "", text)
  return text
}
function add_rule(chain, text, shown) {
  size[chain]++
  rule[chain, size[chain]] = text
  sub(/^[ \t]*(-A [^ ]+ )?/, "", shown)
  gsub(/counter packets [0-9]+ bytes [0-9]+ /, "", shown)
  gsub(/!=?/, "not", shown)
  gsub(/[^A-Za-z0-9 ._:@\/-]+/, "", shown)
  gsub(/  +/, " ", shown)
  evidence[chain, size[chain]] = chain ": " shown
}
function base_chain(chain, at, type, rest) {
  if (skipped || dormant[table] || (table in covered && chain ~ / (PREROUTING|INPUT|OUTPUT|POSTROUTING)$/)) return
  hook[chain] = at
  nat[chain] = type == "nat"
  policy[chain] = rest
  bases[++base_count] = chain
}
function read_nft(text,   part, n, i, device) {
  if (pending != "") text = pending " " text
  pending = ""
  n = split(text, part, " ")
  if (n == 0 || part[1] ~ /^#/) return
  if (part[1] == "table" && part[n] == "{") {
    table = part[2] " " part[3]
    place = "table"
    skipped = part[2] == "arp" || part[2] == "bridge" || (part[2] ~ /^ip6?$/ && part[2] != af)
    return
  }
  if (place == "table") {
    if (part[1] == "flags" && text ~ /dormant/) dormant[table] = 1
    if (part[n] == "{") { place = part[1]; chain = table " " part[2]; if (place == "chain") size[chain] += 0; else elements[chain] = "" }
    return
  }
  if (part[1] == "}") { place = "table"; return }
  if (gsub(/[{]/, "{", text) > gsub(/[}]/, "}", text)) { pending = text; return }
  if (place != "chain") {
    if (sub(/^elements = [{] /, "", text)) { sub(/,? [}]$/, "", text); elements[chain] = text }
    return
  }
  if (part[1] == "type" && part[3] == "hook") {
    device = match(text, / devices? /) ? " " substr(text, RSTART) : ""
    gsub(/"/, " ", device)
    if (device != "" && index(device, " " nic " ") == 0) return
    base_chain(chain, part[4], part[2], text ~ / policy drop/ ? "drop" : "accept")
  } else add_rule(chain, text, $0)
}
from == "iptables" && /^# Generated by/ { translated = /nf_tables/; next }
$1 == "from" { from = $2; readable[from] = 1; skipped = 0; next }
$1 == "unreadable" { readable[from] = 0; next }
from == "nft" { read_nft(words($0)); next }
/^\*/ {
  table = af "tables" (translated ? " " : "-legacy ") substr($1, 2)
  repeated = table in saved
  saved[table] = 1
  if (translated) covered[af " " substr($1, 2)] = 1
  next
}
repeated { next }
/^:/ {
  chain = table " " substr($1, 2)
  if ($1 ~ /^:(PREROUTING|INPUT|OUTPUT|POSTROUTING)$/) base_chain(chain, tolower(substr($1, 2)), table ~ / nat$/ ? "nat" : "filter", $2 == "DROP" ? "drop" : "accept")
  size[chain] += 0
  next
}
/^-A / { add_rule(table " " $2, translate(words($0), table), $0); next }
AWK
}

firewall_translator_awk() {
  cat <<'AWK'
function comparison(key, negated, value) {
  return key (negated ? " != " : " ") value " "
}
function port_list(text,   n, part, i, out) {
  n = split(text, part, ",")
  for (i = 1; i <= n; i++) {
    if (part[i] ~ /^:/) part[i] = "0" part[i]
    if (part[i] ~ /:$/) part[i] = part[i] "65535"
    sub(/:/, "-", part[i])
    out = out (i > 1 ? " , " : "") part[i]
  }
  return n > 1 ? "{ " out " }" : out
}
function verdict_of(target, table, rest) {
  if (target == "ACCEPT" || target == "TPROXY") return "accept"
  if (target == "DROP" || target == "TARPIT" || target == "STEAL") return "drop"
  if (target == "REJECT" || target == "RETURN") return tolower(target)
  if (target == "DNAT") return "dnat to " rest
  if (target == "REDIRECT") return "redirect" (rest == "" ? "" : " to :" rest)
  if (target == "MARK" || target == "CONNMARK") return "meta mark set " (rest ~ /^0x0(\/|$)/ ? "0x0" : rest)
  if (target == "NOTRACK" || (target == "CT" && rest == "notrack")) return "notrack"
  if (target ~ /^(LOG|NFLOG|ULOG|SECMARK|CONNSECMARK|CT|TRACE|AUDIT|SET|TCPMSS|TTL|HL|DSCP|TOS|CLASSIFY|CHECKSUM|TEE|RATEEST|IDLETIMER|TCPOPTSTRIP|ECN)$/) return "continue"
  return (table " " target) in size ? "jump " target : "queue"
}
function flag_list(text) {
  return text == "NONE" ? "0x0" : text == "ALL" ? "fin,syn,rst,psh,ack,urg" : tolower(text)
}
# One option with its argument; "" when it says nothing about which packets are meant.
function option(name, value, more, negated) {
  if (name == "-p") return comparison("meta l4proto", negated, value)
  if (name == "-d" || name == "--dst-range") return comparison(af " daddr", negated, value)
  if (name == "-s" || name == "--src-range") return comparison(af " saddr", negated, value)
  if (name == "-i" || name == "-o") { sub(/\+$/, "*", value); return comparison(name == "-i" ? "iifname" : "oifname", negated, value) }
  if (name ~ /^--(dport|destination-port)s?$/) return comparison("th dport", negated, port_list(value))
  if (name ~ /^--(sport|source-port)s?$/) return comparison("th sport", negated, port_list(value))
  if (name == "--ctstate" || name == "--state") return comparison("ct state", negated, tolower(value))
  if (name == "--ctstatus") return comparison("ct status", negated, tolower(value))
  if (name == "--dst-type") return comparison(limited ? "fib daddr . iif type" : "fib daddr type", negated, tolower(value))
  if (name == "--src-type") return comparison("fib saddr type", negated, tolower(value))
  if (name == "--pkt-type") return comparison("pkttype", negated, value == "unicast" ? "host" : value)
  if (name == "--mark") { sub(/\/.*/, "", value); return comparison("meta mark", negated, value) }
  if (name == "--tcp-flags") { return "tcp flags " (negated ? "!= " : "") flag_list(more) " / " flag_list(value) " " }
  if (name == "--match-set" && more ~ /^src/) return comparison(af " saddr", negated, "@" value)
  if (name == "--match-set" && more == "dst") return comparison(af " daddr", negated, "@" value)
  if (name == "--invert") return "fib saddr . iif oif missing "
  if (name == "-f" || name ~ /^--(update|rcheck|hashlimit-above|connlimit-above|header|(rt|hbh|dst|frag|ah|esp|mh)-?(type|segsleft|len|0-.*|opts|id|first|more|last|res|spi))$/) return negated ? "" : "never "
  if (name ~ /^--(limit|limit-burst|hashlimit-.*|connlimit-.*|set|name|mask|rsource|rdest|seconds|hitcount|rttl|reap|comment|loose|validmark|accept-local|icmp-type|icmpv6-type|limit-iface-in|dir)$/) return ""
  if (name == "--pol") return value == "none" ? "" : "never "
  return "unknown "
}
function translate(text, table,   n, part, i, j, out, negated, name) {
  n = split(text, part, " ")
  limited = text ~ / --limit-iface-in/
  for (i = 3; i <= n; i = j) {
    j = i + 1
    if (part[i] == "!") { negated = 1; continue }
    name = part[i]
    # An option goes on until the next one.
    while (j <= n && part[j] !~ /^(-[a-z-]|!$)/) j++
    if (name == "-j" || name == "-g") {
      if (name == "-g") return out "goto " part[i + 1]
      for (j = i + 2; j < n && part[j] !~ /^--(to|set-)/; j++) ;
      return out verdict_of(part[i + 1], table, j < n ? part[j + 1] : part[i + 2] == "--notrack" ? "notrack" : "")
    }
    if (name != "-m") out = out option(name, part[i + 1], part[i + 2], negated)
    negated = 0
  }
  return out
}
AWK
}

firewall_match_awk() {
  cat <<'AWK'
function bounds(text,   part, bits, digits, i, d, width) {
  if (split(text, part, "-") == 2) { low = hex(part[1]); high = hex(part[2]); return low != "" && high != "" }
  bits = -1
  if (split(text, part, "/") == 2) { if (part[2] !~ /^[0-9]+$/) return 0; bits = part[2] + 0 }
  low = high = hex(part[1])
  if (low == "") return 0
  if (bits < 0 || bits >= 4 * length(low)) return 1
  digits = int(bits / 4)
  d = index("0123456789abcdef", substr(low, digits + 1, 1)) - 1
  width = 16
  for (i = bits % 4; i > 0; i--) width /= 2
  d -= d % width
  high = substr(low, 1, digits) substr("0123456789abcdef", d + width, 1) substr("ffffffffffffffffffffffffffffffff", 1, length(low) - digits - 1)
  low = substr(low, 1, digits) substr("0123456789abcdef", d + 1, 1) substr("00000000000000000000000000000000", 1, length(low) - digits - 1)
  return 1
}
function has_address(text, address) {
  if (!bounds(text)) return unsure()
  return length(low) == length(address) && (low "") <= address && (high "") >= address ? 2 : 0
}
function unsure() {
  plain = 1
  return 1
}
# Names of services are for nft before 2018.
function port_number(text,   line, part) {
  if (text ~ /^[0-9]+$/) return text + 0
  if (!services_read) {
    services_read = 1
    while ((getline line < "/etc/services") > 0) if (split(line, part, /[ \t\/]+/) > 1) named[part[1]] = part[2]
  }
  return text in named ? named[text] + 0 : -1
}
function has_ports(text, first, last,   part, from_port, to_port) {
  to_port = from_port = port_number(split(text, part, "-") == 2 ? part[1] : text)
  if (part[2] != "") to_port = port_number(part[2])
  if (from_port < 0 || to_port < 0) return unsure()
  if (last < from_port || first > to_port) return 0
  return from_port <= first && to_port >= last ? 2 : unsure()
}
function has_device(text) {
  if (text == nic || text == "*") return 2
  return text ~ /\*$/ && index(nic, substr(text, 1, length(text) - 1)) == 1 ? 2 : 0
}
# A reply has everything the other way round.
function mirrored(key) {
  if (!sub(/daddr/, "saddr", key)) sub(/saddr/, "daddr", key)
  if (!sub(/dport$/, "sport", key)) sub(/sport$/, "dport", key)
  if (!sub(/iif/, "oif", key)) sub(/oif/, "iif", key)
  return key
}
# Is this value of one key that of the packet? The address of a client is not known: some are meant, but never one of no host.
function has(key, text,   part, n, i, best) {
  gsub(/"/, "", text)
  if (text == "*") return 2
  if (reply) key = mirrored(key)
  if (text == "unknown-set") return key ~ /^ip6? saddr$/ ? 1 : unsure()
  if (key ~ / daddr$/ && key ~ /^ip/) return has_address(text, address)
  if (key ~ / saddr$/ && key ~ /^ip/) {
    if (text ~ /\/0$/) return 2
    if (!bounds(text) || low == high) return 1
    if (length(low) == 8 && (low "" >= "e0000000" || high "" < "01000000" || substr(low, 1, 2) substr(high, 1, 2) == "7f7f")) return 0
    return substr(low, 1, 2) == substr(high, 1, 2) ? 1 : unsure()
  }
  if (key ~ / dport$/) return has_ports(text, first_port, last_port)
  if (key ~ / sport$/) return has_ports(text, 1024, 65535)
  if (key ~ /l4proto$|protocol$|nexthdr$/ && key != "meta protocol") return text == protocol || text == protocol_number ? 2 : 0
  if (key == "meta nfproto") return text == (af == "ip6" ? "ipv6" : "ipv4") ? 2 : 0
  if (key == "meta protocol" || key == "ether type") return text == af ? 2 : 0
  if (key ~ /iif(name)?$/) return reply && !symmetric ? unsure() : has_device(text)
  if (key ~ /oif(name)?$/ && key !~ /^fib/) return 0
  if (key ~ /pkttype$/) return text == "host" || text == "unicast" ? 2 : 0
  if (key ~ /mark$/) return marked ? unsure() : text ~ /^(0x)?0+$/ ? 2 : 0
  # With the interface in it, the address must be one of that interface to be local: the VIP on lo is not.
  if (key ~ /^fib daddr.* type$/) return text == (key ~ /iif/ && address != hex(rip) ? "unicast" : "local") ? 2 : 0
  if (key ~ /^fib saddr.* type$/) return text == "unicast" ? 2 : 0
  if (key ~ /^fib .*oif/ && text ~ /^(missing|0)$/) return symmetric ? 0 : unsure()
  if (key == "ct direction") return text == (reply ? "reply" : "original") ? 2 : 0
  if (key == "ct state" || key == "ct status") {
    n = split(text, part, ",")
    for (i = 1; i <= n; i++) if (part[i] == (key == "ct state" ? state : translated_by)) best = 2
    return best + 0
  }
  if (key == "tcp flags") return text == flag ? 2 : 0
  return unsure()
}
# Some keys are there for packets of one kind only, whatever they are compared with.
function applies(key,   word) {
  word = key
  sub(/ .*/, "", word)
  if (word == "ip" || word == "ip6") return word == af
  if (word ~ /^(tcp|udp|sctp)$/) return word == protocol
  return word !~ /^(never|udplite|dccp|icmp|icmpv6|igmp|arp|esp|ah|comp|vlan|frag|rt|hbh|dst|mh|exthdr)$/
}
AWK
}

firewall_walk_awk() {
  cat <<'AWK'
# The key of the comparison at word i; next_word is where it goes on.
function key_at(T, i,   j, left) {
  if (T[i] == "fib") {
    left = T[i + 1]
    for (j = i + 2; T[j] == "."; j += 2) left = left "." T[j + 1]
    next_word = j + 1
    return "fib " left " " T[j]
  }
  if (T[i] == "ct" && T[i + 1] ~ /^(original|reply)$/) { next_word = i + (T[i + 2] ~ /^ip6?$/ ? 4 : 3); return "ct tuple" }
  if (T[i] ~ /^(meta|ct|ip|ip6|tcp|udp|udplite|sctp|dccp|th|ether|vlan|icmp|icmpv6|igmp|arp|esp|ah|comp|frag|hbh|rt|dst|mh|exthdr)$/) { next_word = i + 2; return T[i] " " T[i + 1] }
  next_word = i + 1
  return T[i] ~ /^([io]if(name|group|type)?|pkttype|mark|skuid|skgid|never)$/ ? T[i] : ""
}
# The values after a comparison: those of a set between braces or by name, or one.
function values_at(T,   text) {
  if (T[next_word] == "{") {
    while (T[++next_word] != "}" && T[next_word] != "") text = text (text == "" ? "" : " ") T[next_word]
    next_word++
    return text
  }
  if (T[next_word] ~ /^@/) {
    text = substr(T[next_word++], 2)
    return (table_of " " text) in elements ? elements[table_of " " text] : "unknown-set"
  }
  text = T[next_word++]
  while (T[next_word] == ".") { text = text " . " T[next_word + 1]; next_word += 2 }
  return text
}
function meets(keys, n, element,   part, j, x, m) {
  sub(/ (timeout|expires|counter|comment|limit|quota|last) .*/, "", element)
  split(element, part, / \. /)
  m = 2
  for (j = 1; j <= n && m; j++) { x = has(keys[j], part[j]); if (x < m) m = x }
  return m
}
function meets_any(keys, n, text,   list, count, i, m, best) {
  count = split(text, list, / , /)
  for (i = 1; i <= count && best < 2; i++) { m = meets(keys, n, list[i]); if (m > best) best = m }
  return best + 0
}
# Of the flags of the packet only one is set.
function meets_flags(T,   text, negated, mask, want, others) {
  while (T[next_word] ~ /^([()|&!=\/]+|(fin|syn|rst|psh|ack|urg|ecn|cwr|0x[0-9a-f]+)(,[a-z,]+)?)$/) text = text " " T[next_word++]
  negated = text ~ /!=/
  want = text
  if (text ~ /\//) { mask = text; sub(/.*\//, "", mask); sub(/\/.*/, "", want) }
  else if (text ~ /&/) { mask = text; sub(/[!=]=.*/, "", mask); sub(/.*[!=]=/, "", want) }
  else if (text ~ /!=|==/) mask = flag
  else return (text ~ flag) == (text ~ /!/) ? 0 : 2
  others = want
  gsub(flag, "", others)
  return ((want ~ flag) == (mask ~ flag) && others !~ /[a-wyz]/) == negated ? 0 : 2
}
# How the packet, which met the rule so far, meets what stands at word i: a comparison, or a statement that asks nothing. A verdict map is
# left in map_text. A mark that a rule may have set is not followed.
function meets_word(T, i, so_far,   keys, n, j, negated, m) {
  if (T[i] == "counter") { next_word = i + (T[i + 1] == "packets" ? 5 : T[i + 1] == "name" ? 3 : 1); return 2 }
  if (T[i] == "log") { for (next_word = i + 1; T[next_word] ~ /^(prefix|level|group|snaplen|queue-threshold|flags)$/; next_word += 2) ; return 2 }
  if (T[i] == "limit" || (T[i] == "ct" && T[i + 1] == "count") || T[i] == "quota") {
    for (next_word = i + 1; T[next_word] ~ /^(limit|count|rate|name|until|used|burst|packets|[kmg]?bytes|"[^"]*"|[0-9]+(\/[a-z]+)?|[kmg]?bytes\/[a-z]+)$/; next_word++) ;
    return T[next_word] == "over" ? 0 : 2
  }
  if (T[i] == "comment") { next_word = i + 2; return 2 }
  if (T[i] == "notrack" || T[i] == "continue") { if (T[i] == "notrack" && so_far == 2) state = "untracked"; next_word = i + 1; return 2 }
  if (T[i] ~ /^(add|update|delete|meter|set)$/ && T[i + 1] != "") {
    for (next_word = i + 1; T[next_word] != "}" && T[next_word] != ""; next_word++) if (T[next_word] == "over") return 0
    next_word++
    return 2
  }
  keys[n = 1] = key_at(T, i)
  if (keys[1] == "") return unsure()
  while (T[next_word] == ".") keys[++n] = key_at(T, next_word + 1)
  for (j = 1; j <= n; j++) if (!applies(keys[j])) return 0
  if (T[next_word] == "set") {
    if (keys[1] ~ /mark$/ && T[next_word + 1] !~ /^(0x)?0+$/) marked = 1
    # A value, or some joined by signs; what comes after them asks again.
    do {
      next_word += T[next_word + 1] ~ /^(meta|ct)$/ ? 3 : 2
    } while (T[next_word] ~ /^([|&^]|and|or|xor|<<|>>)$/)
    return 2
  }
  if (keys[1] == "tcp flags" && n == 1 && T[next_word] != "{") return meets_flags(T)
  if (T[next_word] == "vmap") {
    next_word++
    map_text = values_at(T)
    map_keys = n
    for (j = 1; j <= n; j++) map_key[j] = keys[j]
    return 2
  }
  if (T[next_word] ~ /^[<>]=?$/) {
    next_word += 2
    return n == 1 && keys[1] ~ / dport$/ && T[next_word - 1] ~ /^[0-9]+$/ ? has_ports(beyond(T[next_word - 2], T[next_word - 1] + 0), first_port, last_port) : unsure()
  }
  if (T[next_word] == "&") next_word += 2
  negated = T[next_word] == "!="
  if (T[next_word] ~ /^[!=]=$/) next_word++
  m = meets_any(keys, n, values_at(T))
  if (negated && m == 1) unsure()
  return negated ? 2 - m : m
}
function beyond(sign, port) {
  if (sign ~ /^>/) return (port + (sign == ">")) "-65535"
  return "0-" (port - (sign == "<"))
}
function doubt_about(shown) {
  if (doubted == "") doubted = shown
}
# What a verdict does when the packet meets the rule (m) and, if that cannot be told, not for the client alone (vague): 0 the packet goes on, 1 it is done with, 2 it returns from this chain, 3 it may have returned.
function settle(verdict, m, vague, chain, shown, doubt, some,   word, target, r) {
  split(verdict, word, " ")
  if (m == 1) { if (doubt == "") doubt = shown; if (!vague) some = 1 }
  if (word[1] == "accept") { allowed = 1; if (doubt != "") doubt_about(doubt); return m == 2 }
  if (word[1] == "drop" || word[1] == "reject") {
    if (!some) { deny(shown, doubt == ""); if (doubt != "") doubt_about(doubt) }
    return m == 2
  }
  if (word[1] == "dnat" || word[1] == "redirect") {
    if (sent_to == "") { sent_to = verdict; sent_by = shown; sent_surely = doubt == "" }
    return m == 2
  }
  if (word[1] == "return") { if (m == 2) return 2; doubt_about(doubt); return 3 }
  target = table_of_chain(chain) " " word[2]
  if ((word[1] == "jump" || word[1] == "goto") && target in size) {
    r = walk(target, doubt, some)
    if (word[1] == "jump") return m == 2 && r
    return r ? m == 2 : m == 2 ? 2 : 3
  }
  allowed = denied = 1
  doubt_about(doubt == "" ? shown : doubt)
  return m == 2
}
# The rule to show is the first that drops for certain.
function deny(shown, surely) {
  if (denied_by == "" || (surely && !denied_surely)) denied_by = shown
  denied = 1
  if (surely) denied_surely = 1
}
function table_of_chain(chain) {
  sub(/ [^ ]*$/, "", chain)
  return chain
}
# 1 when nothing is left of the packet at the end of the chain. "doubt" is a rule on the way here that cannot be told; "some": it was about some clients.
function walk(chain, doubt, some,   r, n, i, m, x, vague, T, V, list, count, left, step, map_of, map_n) {
  for (r = 1; r <= size[chain]; r++) {
    if (++steps > 500000) { allowed = denied = 1; doubt_about("there are too many rules"); return 1 }
    table_of = table_of_chain(chain)
    n = split(rule[chain, r], T, " ")
    m = 2
    plain = 0
    map_text = ""
    for (i = 1; i <= n && m && map_text == "" && !(T[i] ~ verdicts); i = next_word) {
      x = meets_word(T, i, m)
      if (x < m) m = x
    }
    if (!m) continue
    vague = plain
    if (map_text == "") {
      step = i > n ? 0 : settle(T[i] " " T[i + 1] " " T[i + 2] " " T[i + 3], m, vague, chain, evidence[chain, r], doubt, some)
      if (step == 3) left = 1
    } else {
      map_n = map_keys
      for (i = 1; i <= map_n; i++) map_of[i] = map_key[i]
      count = split(map_text, list, / , /)
      step = 0
      for (i = 1; i <= count && step == 0; i++) {
        if (split(list[i], V, / : /) != 2) continue
        plain = vague
        x = meets(map_of, map_n, V[1])
        if (x == 0) continue
        step = settle(V[2], x < m ? x : m, plain, chain, evidence[chain, r], doubt, some)
        if (step == 3) { left = 1; step = 0 }
        if (x == 2) break
      }
    }
    if (step == 1) return left ? 0 : 1
    if (step == 2) return 0
  }
  return 0
}
AWK
}

firewall_judge_awk() {
  cat <<'AWK'
function judge_chain(chain) {
  allowed = denied = denied_surely = 0
  doubted = denied_by = ""
  if (walk(chain, "", 0) == 0) {
    if (policy[chain] == "accept") allowed = 1
    else deny(chain ": policy drop", 1)
  }
  if (!denied || outcome == "fail") return
  if (!allowed) { outcome = "fail"; found = denied_by }
  else if (outcome == "ok") { outcome = "warn"; found = doubted == "" ? denied_by : doubted }
}
function judge_hook(at, of_nat,   i) {
  for (i = 1; i <= base_count; i++) if (hook[bases[i]] == at && nat[bases[i]] == of_nat) judge_chain(bases[i])
}
# Where NAT sends a connection. To this host: it goes on with another address or port. To another: no application here ever sees it.
function judge_nat(vip, ports,   to, was) {
  sent_to = translated_by = ""
  was = outcome
  judge_hook("prerouting", 1)
  outcome = was
  if (sent_to == "") return 1
  to = sent_to
  sub(/^[a-z]+ (ip6? )?(to )?/, "", to)
  sub(/ .*/, "", to)
  if (match(to, /:[0-9]+$/) && (to !~ /:.*:/ || to ~ /\]:/)) { first_port = last_port = substr(to, RSTART + 1) + 0; to = substr(to, 1, RSTART - 1) }
  gsub(/[][]/, "", to)
  if (sent_to ~ /^redirect/) to = rip
  if (!sent_surely || hex(to) != hex(rip)) {
    print "nat", vip "/" protocol "/" ports
    if (outcome == "ok") { outcome = "warn"; found = sent_by }
    return 0
  }
  print "nat", vip "/" protocol "/" ports, rip, first_port (last_port > first_port ? "-" last_port : "")
  address = hex(rip)
  translated_by = "dnat"
  return 1
}
# NAT gives a reply its address back behind the hooks of the filter.
function judge_reply(vip) {
  reply = 1
  judge_hook("output", 0)
  judge_hook("postrouting", 0)
  address = hex(vip)
  judge_hook("egress", 0)
  reply = 0
}
# The first packet of a connection, one of those that follow, and the reply.
function judge(vip, ports,   edge, phase) {
  split(ports == "any" ? "0-65535" : ports, edge, "-")
  outcome = "ok"
  found = ""
  steps = 0
  for (phase = 1; phase <= 2; phase++) {
    state = phase == 1 ? "new" : "established"
    flag = phase == 1 ? "syn" : "ack"
    marked = 0
    address = hex(vip)
    first_port = edge[1] + 0
    last_port = (edge[2] == "" ? edge[1] : edge[2]) + 0
    judge_hook("ingress", 0)
    judge_hook("prerouting", 0)
    if (phase == 1) { here = judge_nat(vip, ports); local_address = address; local_first = first_port; local_last = last_port }
    address = local_address
    first_port = local_first
    last_port = local_last
    if (here) judge_hook("input", 0)
  }
  if (here) judge_reply(vip)
  if (outcome != "fail" && problem != "") { outcome = "warn"; found = problem }
  note("firewall", outcome, vip "/" protocol, ports, found)
}
END {
  verdicts = "^(accept|drop|reject|return|jump|goto|queue|dnat|redirect|fwd|dup|synproxy|tproxy)$"
  if (problem == "" && readable["nft"] == 0 && ("nft" in readable)) problem = "nft cannot read the rules"
  count = split(services, list, " ")
  for (s = 1; s <= count; s++) {
    split(list[s], part, "/")
    protocol = part[2]
    protocol_number = protocol == "tcp" ? 6 : protocol == "udp" ? 17 : 132
    n = split(part[3], ranges, ",")
    for (p = 1; p <= n; p++) judge(part[1], ranges[p])
  }
  print_notes()
}
AWK
}

# Why the rules cannot be read, or not all of them.
firewall_problem() {
  if [ "$(id -u)" != 0 ]; then
    say "only root can read its rules"
  elif ! command -v nft >/dev/null && ! command -v "$1" >/dev/null; then
    say "there is no nft and no $1 to read its rules"
  elif [ -n "$(cat "/proc/net/$2_tables_names" 2>/dev/null)" ] && ! command -v "$1" >/dev/null; then
    say "there is no $1 to read all of its rules"
  fi
}

read_firewall() {
  if [ "$FAMILY" = 6 ]; then af=ip6; else af=ip; fi
  answer=$(firewall_sources | awk -v services="$SERVICES" -v rip="$RIP" -v nic="$NIC" -v af="$af" -v symmetric="$SYMMETRIC" \
    -v problem="$(firewall_problem "${af}tables-save" "$af")" "$(awk_library; firewall_reader_awk; firewall_translator_awk; firewall_match_awk; firewall_walk_awk; firewall_judge_awk)") || answer=
  FIREWALL=$(say "$answer" | grep '^firewall ' || true)
  TRANSLATED=$(say "$answer" | grep '^nat ' || true)
}

check_firewall() {
  judged_items firewall "$FIREWALL"
}

# What is no matter of this script, but keeps clients out all the same. Requests arrive at the address $1, or at the VIP.
check_surroundings() {
  read_ways
  read_firewall
  check_listeners "$1" "$TRANSLATED"
  check_firewall
  check_reverse_path
  check_gateway
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

# The rules of a table, as rules_of writes them. Ports are numbers with -nn; protocols are, too, in some versions of nft.
rules_in() {
  nft -nn list table "$IP" "$1" 2>/dev/null | awk '
    BEGIN { name[6] = "tcp"; name[17] = "udp"; name[132] = "sctp" }
    $2 == "daddr" {
      if ($4 == "meta" && $6 in name) $6 = name[$6]
      $1 = $1
      print
    }'
}

present_rules() {
  rules_in "$TABLE"
}

# Of two scripts for the same service only one gets it. What scripts for other addresses of this machine take of ours: "VIP/tcp/80 ADDRESS".
clashes() {
  command -v nft >/dev/null || return 0
  {
    rules
    say "others"
    for table in $(nft list tables "$IP" 2>/dev/null | awk -v own="$TABLE" '$3 ~ /^tangent_redirect_/ && $3 != own { print $3 }'); do rules_in "$table"; done
  } | awk '
    $1 == "others" { theirs = 1; next }
    {
      any = $4 == "meta"
      service = $3 "/" (any ? $6 : $4)
      ports = any ? "any" : $6
      count = split(any ? "0-65535" : ports, edge, "-")
      low = edge[1] + 0
      high = edge[count] + 0
      if (!theirs) { of[++own] = service; from[own] = low; to[own] = high; next }
      for (i = 1; i <= own; i++) if (of[i] == service && low <= to[i] && from[i] <= high) { print service "/" ports, $NF; break }
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
    [ -n "$place" ] || continue
    place=$(place_named "$place")
    refuse "$vip is on ${place##* }: with redirection no interface may have it, or this host answers for it. Undo the script that put it there, or: ip addr del $vip/$place"
  done
  inspect_proxies
  clash=$(clashes | awk 'NR == 1 { print $1 " is redirected to " $2 }')
  [ -z "$clash" ] || refuse "$clash already, by the script of that address of this machine; only one of them can have it. Undo that one first, or take one of the two backends out of the farm."
  answer=$(ruleset | nft -c -f - 2>&1) || refuse "nft does not take the rules here (a container without NET_ADMIN?): $(plain "$answer")"
  inspect_files
}

apply() {
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
  rm -f "$KEPT"
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

check_clashes() {
  while read -r service address; do
    [ -z "$service" ] || item redirect-twice fail "$service" "$address"
  done <<END
$(clashes)
END
}

check_places() {
  for vip in $VIPS; do
    while read -r place; do
      [ -z "$place" ] || item vip-elsewhere fail "$vip" "$(place_named "$place")"
    done <<END
$(placements "$vip")
END
  done
}

checks() {
  check_address
  check_rules
  check_clashes
  check_places
  check_proxies
  check_surroundings "$RIP"
  check_persistence
}

sentence() {
  part=${3#*/}
  case "$1 $2" in
    'address ok') say "$3 is an address of this machine." ;;
    'address fail') say "$3 is no address of this machine: this script is for another backend." ;;
    'redirect-rule ok') say "$3 is redirected to $4, where the application listens." ;;
    'redirect-rule fail') say "$3 is not redirected, at port $4: packets for it are dropped." ;;
    'redirect-rule warn') say "Whether $3 is redirected could not be seen: $4." ;;
    'redirect-twice fail') say "$3 is redirected to $4 as well, by another script of this machine: only one of them gets it." ;;
    'vip-forwarded fail') say "$3 is not redirected while this host forwards packets ($4): those for it go round and round between here and the appliance." ;;
    'vip-elsewhere fail') say "$3/$4: with redirection no interface of this host may have the VIP, or it answers for it and takes the clients from the appliance." ;;
    'vip-proxied fail') say "This host answers for $3 as a proxy ($4), and takes the clients from the appliance." ;;
    'listener ok') say "$3: an application listens." ;;
    'listener fail') say "$3: no application listens, so clients are refused." ;;
    'listener warn') say "$3: nobody can tell from here whether an application listens: $4." ;;
    'listener-every-address warn') say "$3: an application listens on every address, and only some of these answer a datagram from the address that it came to." ;;
    'listener-elsewhere fail') say "$3: the application listens on $4 alone, not on the address to which its requests are redirected." ;;
    'firewall ok') say "$3: the firewall lets new clients in." ;;
    'firewall fail') say "$3: the firewall keeps clients out: $4" ;;
    'firewall warn') say "$3: it is not certain that the firewall lets every client in: $4" ;;
    'reverse-path ok') say "rp_filter is $4 in effect on $3, so the kernel takes packets of far clients there." ;;
    'reverse-path fail') say "rp_filter is $4 in effect on $3, but replies leave by another interface: the kernel drops packets of far clients without a word." ;;
    'gateway ok') say "Replies leave through $3 ($4), not through the appliance." ;;
    'gateway fail') say "Replies leave through $3, which is the appliance: it drops them, because their source is its own VIP." ;;
    'gateway warn') say "There is no default route, so clients of other networks get no reply." ;;
    'gateway-unknown warn') say "Replies leave through $3 ($4). Whether that is the appliance is not known: the console had lost sight of it when it made this script." ;;
    'persistence ok') say "After a reboot this machine is prepared again: $4." ;;
    'persistence warn') say "After a reboot this machine is not prepared: $4." ;;
    'namespace warn') say "This is a network namespace of its own (a container?), which ends with its last process: the next one has to be prepared again." ;;
  esac
}

remedy() {
  part=${3#*/}
  case "$1 $2" in
    'address '*) say "Take the script of the backend with an address of this machine." ;;
    'redirect-rule '*) say "Run this script as root with --apply, and again after something emptied the nft rules." ;;
    'redirect-twice '*) say "Undo one of the two scripts, and take its backend out of the farm: a machine is one backend." ;;
    'vip-forwarded '*) say "Run this script with --apply at once; forwarding may stay on." ;;
    'vip-elsewhere '*) say "Undo the script that put it there, or remove it: ip addr del $3/$4" ;;
    'vip-proxied '*) say "Remove it: ip neigh del proxy $3 $4 - and take it out of the configuration that made it." ;;
    'listener warn') say "Look who listens: ss -lntup. It must be ${3%%/*} or every address." ;;
    'listener '*) say "Start the application on that port of the backend's own address or of every address. This shows who listens: ss -lntup" ;;
    'listener-every-address warn') say "Bind it to ${3%%/*} where it allows that, and ask it from a client: an answer from another address than ${3%%/*} is thrown away there." ;;
    'listener-elsewhere '*) say "Let it listen on the backend's own address or on every address (0.0.0.0 or ::), and restart it." ;;
    'firewall warn') say "Run this check as root, or look at the rules: nft list ruleset; iptables-save; ip6tables-save. ${part%%/*} from everywhere to ${3%%/*}, port ${3##*/}, must be accepted before anything drops it." ;;
    'firewall '*) say "Accept ${part%%/*} to port ${3##*/} of the backend's own address, before anything drops it: the redirection comes first. nft: ${part%%/*} dport { ${3##*/} } accept. ufw: ufw allow proto ${part%%/*} to any port ${3##*/} (a range as 8000:8010). firewalld: firewall-cmd --permanent --add-port=PORT/${part%%/*}, then firewall-cmd --reload. As root, nft list ruleset and iptables-save show the rules." ;;
    'reverse-path '*) say "Set it to 2 (loose): echo 2 > /proc/sys/net/ipv4/conf/$3/rp_filter - and in /etc/sysctl.d for every boot." ;;
    'gateway warn') say "If clients are in other networks, add the router of this one: ip route add default via ROUTER - and to the network configuration." ;;
    'gateway '*) say "Make the router of this network the default gateway, not the appliance: ip route replace default via ROUTER - and change it in the network configuration." ;;
    'gateway-unknown warn') say "Make sure that $3 is not the appliance, or take the script again." ;;
    'persistence '*) say "Run this script with --apply. Where neither systemd nor OpenRC runs, let the system run it with --apply --no-persist at boot." ;;
    'namespace '*) say "Let what starts it prepare it as well, before the application: with this script and --apply, or as the document for containers says." ;;
  esac
}

run_checks() {
  checks
  [ "$JSON" = no ] || report_text
  delivered=yes
  if [ -n "$REPORT" ]; then send_report || delivered=no; fi
  if [ "$FAILED" = yes ] || [ "$delivered" = no ]; then exit 1; fi
}

begin() {
  must_be_root
  LOCKED=no
  MIDDLE=no
  trap finish EXIT
  trap 'exit 1' HUP INT PIPE TERM
  take_lock
  sweep
}

end() {
  MIDDLE=no
  drop_lock
}

finish() {
  status=$?
  trap - EXIT
  drop_lock
  if [ "$MIDDLE" = yes ]; then
    printf 'failed in the middle of %s: what it says above is done, the rest is not. Mend what stood in the way and run %s again, which completes it%s.\n' "$MODE" "$MODE" "$OTHERWISE" >&2
    status=4
  fi
  exit "$status"
}

run_mode() {
  case $MODE in
    --apply)
      begin
      inspect
      keep_script
      OTHERWISE=", or --undo, which takes it back"
      MIDDLE=yes
      apply
      end
      if [ -f "$KEPT" ]; then undo_line; else say "note: this script came through a pipe; keep a copy of it, whose --undo takes all of this back."; fi
      [ -z "$REPORT" ] || run_checks
      ;;
    --check)
      command -v ip >/dev/null || refuse "there is no ip command; install iproute2 (or busybox with ip)."
      QUIET=$JSON
      run_checks
      ;;
    --undo)
      begin
      OTHERWISE=
      MIDDLE=yes
      undo
      end
      ;;
    --status)
      if [ "$JSON" = yes ]; then
        status_json
      else
        status_text
        [ ! -f "$KEPT" ] || undo_line
      fi
      ;;
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
