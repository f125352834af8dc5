/**
 * The commands of netsh that the cmd script uses, with their parameters. Source: the reference of Microsoft (MicrosoftDocs/windowsserverdocs,
 * windows-commands/netsh-interface.md and netsh-advfirewall.md) and `netsh advfirewall firewall add rule ?`, which it refers to. The
 * contexts ipv4 and ipv6 have the same commands; a parameter without a name is the name of an interface.
 */
export const netshCommands: Readonly<Record<string, readonly string[]>> = {
  'interface ipv4 show interfaces': ['interface', 'level', 'store'],
  'interface ipv4 show addresses': ['name'],
  'interface ipv4 set interface': ['interface', 'weakhostsend', 'weakhostreceive', 'store'],
  'interface ipv4 add address': ['name', 'address', 'mask', 'type', 'store', 'skipassource'],
  'interface ipv4 delete address': ['name', 'address', 'store'],
  'interface ipv6 add address': ['interface', 'address', 'type', 'store', 'skipassource'],
  'interface ipv6 delete address': ['interface', 'address', 'store'],
  'advfirewall firewall add rule': ['name', 'dir', 'action', 'protocol', 'localip', 'localport', 'profile', 'enable'],
  'advfirewall firewall delete rule': ['name', 'dir', 'profile', 'protocol', 'localip', 'localport'],
  'advfirewall firewall show rule': ['name', 'profile', 'type'],
}
