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
