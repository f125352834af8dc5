import { block } from '../node.ts'

/** Usage, messages, and what all modes read of the machine. */
export const common = block`
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
  STATE=\${TANGENT_BACKEND_STATE:-/var/lib/tangent-backend}
  case $STATE in /*) ;; *) wrong_usage "TANGENT_BACKEND_STATE must be an absolute path." ;; esac
  FOREIGN=no
  own=$(readlink /proc/self/ns/net 2>/dev/null || true)
  first=$(readlink /proc/1/ns/net 2>/dev/null || true)
  if [ -n "$own" ] && [ -n "$first" ] && [ "$own" != "$first" ]; then
    FOREIGN=yes
    inode=\${own#"net:["}
    [ -n "\${TANGENT_BACKEND_STATE:-}" ] || STATE=$STATE/netns-\${inode%"]"}
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
    [ "\${cidr%%/*}" = "$1" ] || continue
    case $cidr in
      */*) say "\${dev%%@*} \${cidr##*/}" ;;
      *) say "\${dev%%@*} none" ;;
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
    case \${dir##*/} in all | default | lo) ;; *) say "\${dir##*/}" ;; esac
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
}`
