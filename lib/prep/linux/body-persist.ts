import { block } from '../node.ts'

/** What survives a reboot: one boot script with a systemd unit or an OpenRC hook, and a sysctl.d file. Nothing of the admin's is edited. */
export const persist = block`
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
  mkdir -p "\${SYSCTL_FILE%/*}"
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
    mkdir -p "\${BOOT_SCRIPT%/*}"
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
}`
