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
