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
