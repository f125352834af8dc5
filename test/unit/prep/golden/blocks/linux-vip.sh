script_names() {
  SYSTEM=linux
  NAME=tangent-backend-$KEY
  ADDED=$STATE/added-$KEY
  if [ "$FAMILY" = 6 ]; then PREFIX=128; else PREFIX=32; fi
}

# How the VIPs in $1 stand: "right VIP", "missing VIP", and for every place where one must not be "vip-wide VIP PLACE",
# "vip-elsewhere VIP PLACE" or "vip-duplicate VIP PLACE".
vip_places() {
  addresses | awk -v vips="$(say "$1" | one_line)" -v right="$PREFIX dev lo" '
    {
      vip = $2
      kind = / dev lo$/ ? "vip-wide" : $1 == "duplicate" ? "vip-duplicate" : "vip-elsewhere"
      sub(/^[a-z]+ [^ ]+ /, "")
      if ($0 == right) stands[vip] = stands[vip] "right " vip "\n"
      else stands[vip] = stands[vip] kind " " vip " " $0 "\n"
    }
    END {
      count = split(vips, list, " ")
      for (i = 1; i <= count; i++) printf "%s", (list[i] in stands ? stands[list[i]] : "missing " list[i] "\n")
    }'
}

# Those of the VIPs in $2 that stand like $1.
vips_that_are() {
  vip_places "$2" | awk -v kind="$1" '$1 == kind { print $2 }'
}

interfaces() {
  for dir in "$CONF"/* "$CONF"/.[!.]*; do
    case ${dir##*/} in all | default | lo) ;; *) [ ! -d "$dir" ] || say "${dir##*/}" ;; esac
  done
}

# Lists of other scripts of this kind: a machine with two addresses has one script for each.
others() {
  for file in "$STATE"/added-*; do
    case $file in
      "$ADDED") ;;
      *) if [ -f "$file" ]; then say "$file"; fi ;;
    esac
  done
}

# True when another script answers for the VIP too.
shared() {
  for file in "$STATE"/added-*; do
    if [ "$file" != "$ADDED" ] && listed "$file" "$1"; then return 0; fi
  done
  return 1
}

# The IPv4 addresses on lo that the network could ask for.
on_lo() {
  ip -o -4 addr show dev lo | awk '{ split($4, part, "/"); if (part[1] !~ /^127\./) print part[1] }'
}

# Since the first --apply.
rebooted() {
  [ -f "$STATE/boot-$KEY" ] && [ "$(cat "$STATE/boot-$KEY")" != "$(cat /proc/sys/kernel/random/boot_id)" ]
}

# Those of them that were not there before the first --apply.
strangers() {
  on_lo | while read -r address; do
    listed "$STATE/lo" "$address" || say "$address"
  done
}

# Those of them that need the ARP settings: the ones for an IPv4 address.
others_with_arp() {
  others | while read -r file; do
    case ${file##*/added-} in
      *[!0-9-]* | *--* | *-*-*-*-*) ;;
      *) say "$file" ;;
    esac
  done
}

# Whether a value of an ARP setting need not be changed, and the one that --apply writes when it must.
is_right() {
  case "$1 $2" in "arp_ignore 1" | "arp_ignore 2" | "arp_announce 2") return 0 ;; *) return 1 ;; esac
}

written() {
  if [ "$1" = arp_ignore ]; then say 1; else say 2; fi
}

# With 2, which is right too and was there before, it stays 2.
wanted_ignore() {
  if [ "$(setting all arp_ignore)" = 2 ]; then say 2; else say 1; fi
}

boot_commands() {
  if [ "$FAMILY" = 4 ]; then
    say "echo $(wanted_ignore) > $CONF/all/arp_ignore"
    say "echo 2 > $CONF/all/arp_announce"
    for vip in $VIPS; do say "ip -4 addr replace $vip/32 dev lo"; done
  else
    for vip in $VIPS; do say "ip -6 addr replace $vip/128 dev lo preferred_lft 0"; done
  fi
}

sysctl_lines() {
  say "# Direct Server Return: never answer or ask by ARP for a virtual address. Removed by --undo of the preparation script."
  say "net.ipv4.conf.all.arp_ignore = $(wanted_ignore)"
  say "net.ipv4.conf.all.arp_announce = 2"
}

settings_stand() {
  [ "$FAMILY" = 6 ] || holds "$SYSCTL_FILE" "$(sysctl_lines)"
}

sysctl_file() {
  if settings_stand; then
    verb="kept"
  else
    need_folder "${SYSCTL_FILE%/*}"
    sysctl_lines | write_file "$SYSCTL_FILE"
    verb="done"
  fi
  say "$verb: $SYSCTL_FILE, so that a reload of all kernel settings does not take the two values back."
}
