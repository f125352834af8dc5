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
