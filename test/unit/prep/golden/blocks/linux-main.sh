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
