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
