#!/bin/sh
# Prepares a Linux backend for Direct Server Return with redirection: this host takes packets for the VIP for its own address fd09::21.
# For applications that cannot listen on the VIP. No interface has the VIP. It costs connection tracking, and two VIPs share each port.
#   backend web1, address fd09::21
#   farm signalling6: VIP fd09::101, sctp, port 2905
#   farm web6: VIP fd09::100, tcp, port 80,443
# Run as root: sh FILE --apply, then --check; --undo puts everything back. --help says more. It needs nftables.
# Nothing runs before the last line, so half a download does nothing.

RIP='fd09::21'
KEY='fd09--21'
FAMILY='6'
VIPS='fd09::101 fd09::100'
SERVICES='fd09::101/sctp/2905 fd09::100/tcp/80,443'
APPLIANCES='fd09::10'

# (the block linux common)

# (the block linux items)

# (the block linux report)

# (the block linux persist)

# (the block linux awk)

# (the block linux listeners)

# (the block linux routes)

# (the block linux firewallRead)

# (the block linux firewallSave)

# (the block linux firewallMatch)

# (the block linux firewallWalk)

# (the block linux firewall)

# (the block linux-redirect rules)

# (the block linux-redirect apply)

# (the block linux machine)

# (the block linux-redirect check)

sentence() {
  part=${3#*/}
  case "$1 $2" in
    'address ok') say "$3 is an address of this machine." ;;
    'address fail') say "$3 is no address of this machine: this script is for another backend." ;;
    'redirect-rule ok') say "$3 is redirected to $4, where the application listens." ;;
    'redirect-rule fail') say "$3 is not redirected, at port $4: packets for it are dropped." ;;
    'redirect-rule warn') say "Whether $3 is redirected could not be seen: $4." ;;
    'redirect-twice fail') say "$3 is redirected to $4 as well, by another script of this machine: only one of them gets it." ;;
    'vip-forwarded fail') say "$3 is not redirected while this host forwards packets ($4): those for it go round and round between here and the appliance." ;;
    'vip-elsewhere fail') say "$3/$4: with redirection no interface of this host may have the VIP, or it answers for it and takes the clients from the appliance." ;;
    'vip-proxied fail') say "This host answers for $3 as a proxy ($4), and takes the clients from the appliance." ;;
    'listener ok') say "$3: an application listens." ;;
    'listener fail') say "$3: no application listens, so clients are refused." ;;
    'listener warn') say "$3: nobody can tell from here whether an application listens: $4." ;;
    'listener-every-address warn') say "$3: an application listens on every address, and only some of these answer a datagram from the address that it came to." ;;
    'listener-elsewhere fail') say "$3: the application listens on $4 alone, not on the address to which its requests are redirected." ;;
    'firewall ok') say "$3: the firewall lets new clients in." ;;
    'firewall fail') say "$3: the firewall keeps clients out: $4" ;;
    'firewall warn') say "$3: it is not certain that the firewall lets every client in: $4" ;;
    'reverse-path ok') say "rp_filter is $4 in effect on $3, so the kernel takes packets of far clients there." ;;
    'reverse-path fail') say "rp_filter is $4 in effect on $3, but replies leave by another interface: the kernel drops packets of far clients without a word." ;;
    'gateway ok') say "Replies leave through $3 ($4), not through the appliance." ;;
    'gateway fail') say "Replies leave through $3, which is the appliance: it drops them, because their source is its own VIP." ;;
    'gateway warn') say "There is no default route, so clients of other networks get no reply." ;;
    'gateway-unknown warn') say "Replies leave through $3 ($4). Whether that is the appliance is not known: the console had lost sight of it when it made this script." ;;
    'persistence ok') say "After a reboot this machine is prepared again: $4." ;;
    'persistence warn') say "After a reboot this machine is not prepared: $4." ;;
    'namespace warn') say "This is a network namespace of its own (a container?), which ends with its last process: the next one has to be prepared again." ;;
  esac
}

remedy() {
  part=${3#*/}
  case "$1 $2" in
    'address '*) say "Take the script of the backend with an address of this machine." ;;
    'redirect-rule '*) say "Run this script as root with --apply, and again after something emptied the nft rules." ;;
    'redirect-twice '*) say "Undo one of the two scripts, and take its backend out of the farm: a machine is one backend." ;;
    'vip-forwarded '*) say "Run this script with --apply at once; forwarding may stay on." ;;
    'vip-elsewhere '*) say "Undo the script that put it there, or remove it: ip addr del $3/$4" ;;
    'vip-proxied '*) say "Remove it: ip neigh del proxy $3 $4 - and take it out of the configuration that made it." ;;
    'listener warn') say "Look who listens: ss -lntup. It must be ${3%%/*} or every address." ;;
    'listener '*) say "Start the application on that port of the backend's own address or of every address. This shows who listens: ss -lntup" ;;
    'listener-every-address warn') say "Bind it to ${3%%/*} where it allows that, and ask it from a client: an answer from another address than ${3%%/*} is thrown away there." ;;
    'listener-elsewhere '*) say "Let it listen on the backend's own address or on every address (0.0.0.0 or ::), and restart it." ;;
    'firewall warn') say "Run this check as root, or look at the rules: nft list ruleset; iptables-save; ip6tables-save. ${part%%/*} from everywhere to ${3%%/*}, port ${3##*/}, must be accepted before anything drops it." ;;
    'firewall '*) say "Accept ${part%%/*} to port ${3##*/} of the backend's own address, before anything drops it: the redirection comes first. nft: ${part%%/*} dport { ${3##*/} } accept. ufw: ufw allow proto ${part%%/*} to any port ${3##*/} (a range as 8000:8010). firewalld: firewall-cmd --permanent --add-port=PORT/${part%%/*}, then firewall-cmd --reload. As root, nft list ruleset and iptables-save show the rules." ;;
    'reverse-path '*) say "Set it to 2 (loose): echo 2 > /proc/sys/net/ipv4/conf/$3/rp_filter - and in /etc/sysctl.d for every boot." ;;
    'gateway warn') say "If clients are in other networks, add the router of this one: ip route add default via ROUTER - and to the network configuration." ;;
    'gateway '*) say "Make the router of this network the default gateway, not the appliance: ip route replace default via ROUTER - and change it in the network configuration." ;;
    'gateway-unknown warn') say "Make sure that $3 is not the appliance, or take the script again." ;;
    'persistence '*) say "Run this script with --apply. Where neither systemd nor OpenRC runs, let the system run it with --apply --no-persist at boot." ;;
    'namespace '*) say "Let what starts it prepare it as well, before the application: with this script and --apply, or as the document for containers says." ;;
  esac
}

# (the block linux main)
