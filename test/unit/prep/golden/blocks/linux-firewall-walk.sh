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
