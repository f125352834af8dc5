import { block } from '../node.ts'

/**
 * Settings of interfaces: each former value is saved once for all scripts of this kind on the machine, and goes back when the last one
 * that needs it is undone. Set-NetIPInterface without -PolicyStore changes the active and the persistent store, so a reboot keeps it;
 * -InterfaceMetric switches AutomaticMetric off by itself, and both together are a conflict (Set-NetIPInterface, NetTCPIP, 2012 to 2025).
 */
export const settings = block`
function Save-Setting([string]$Id, [string]$Scope, [string]$Name, [string]$Value) {
    if (-not $State.ContainsKey("setting $Id $Scope $Name")) { Set-Record "setting $Id $Scope $Name" $Value }
}

# Says which interface this script uses as what; one that it used before goes back to its former settings.
function Save-Role([string]$Role, [string]$Id) {
    $name = "$Role $Key"
    if ($State.ContainsKey($name) -and $State[$name] -ne "$Id $Family") { Remove-Role $Role }
    Set-Record $name "$Id $Family"
}

function Test-UsedByOthers([string]$Use, [string]$Own) {
    foreach ($name in @(Find-Records 'nic ') + @(Find-Records 'loopback ')) {
        if ($name -ne $Own -and $State[$name] -like $Use) { return $true }
    }
    $false
}

# An adapter that a script of this kind created, and that no other one needs, goes away with its settings.
function Test-OwnAdapter([string]$Id) {
    if (-not $State.ContainsKey('adapter') -or $State['adapter'].Split(' ')[0] -ne $Id) { return $false }
    -not (Test-UsedByOthers "$Id *" "loopback $Key")
}

function Remove-Role([string]$Role) {
    $name = "$Role $Key"
    if (-not $State.ContainsKey($name)) { return }
    $id, $scope = $State[$name].Split(' ')
    if (-not (Test-OwnAdapter $id)) { Restore-Settings $id $scope $name }
    Remove-Record $name
}

function Restore-Settings([string]$Id, [string]$Scope, [string]$Own) {
    $index = 1
    if ($Id -ne 'builtin') {
        $adapter = Get-AdapterById $Id
        if ($adapter) { $index = $adapter.InterfaceIndex } else { $index = 0 }
    }
    foreach ($each in @($Scope, 'any')) {
        $use = "$Id $Scope"
        if ($each -eq 'any') { $use = "$Id *" }
        foreach ($name in @(Find-Records "setting $Id $each ")) {
            if (Test-UsedByOthers $use $Own) {
                Write-Output "kept: $($name.Split(' ')[3]) of interface $index, because another preparation script on this machine still needs it."
                continue
            }
            if ($index -gt 0) { Restore-Setting $index $Scope ($name.Split(' ')[3]) $State[$name] }
            Remove-Record $name
        }
    }
}

function Restore-Setting([int]$Index, [string]$Scope, [string]$Name, [string]$Value) {
    switch ($Name) {
        'WeakHostReceive' { Set-NetIPInterface -InterfaceIndex $Index -AddressFamily $Scope -WeakHostReceive $Value }
        'WeakHostSend' { Set-NetIPInterface -InterfaceIndex $Index -AddressFamily $Scope -WeakHostSend $Value }
        'InterfaceMetric' { Set-NetIPInterface -InterfaceIndex $Index -AddressFamily $Scope -InterfaceMetric $Value }
        'AutomaticMetric' { Set-NetIPInterface -InterfaceIndex $Index -AddressFamily $Scope -AutomaticMetric $Value }
        'DadTransmits' { Set-NetIPInterface -InterfaceIndex $Index -AddressFamily $Scope -DadTransmits $Value }
        'Dhcp' { Set-NetIPInterface -InterfaceIndex $Index -AddressFamily $Scope -Dhcp $Value }
        'RegisterThisConnectionsAddress' { Set-DnsClient -InterfaceIndex $Index -RegisterThisConnectionsAddress ($Value -eq 'True') }
        default { Get-Bindings $Index | Where-Object { $_.ComponentID -eq $Name } | Enable-NetAdapterBinding }
    }
    Write-Output "done: $Name of interface $Index is $Value again, as before the first Apply."
}

# The Microsoft client and file sharing. One that is not installed is not there.
function Get-Bindings([int]$Index) {
    $adapter = Get-NetAdapter -InterfaceIndex $Index
    Get-NetAdapterBinding -Name $adapter.Name -ComponentID 'ms_msclient', 'ms_server' -ErrorAction SilentlyContinue
}

function Set-WeakHost($Interface, [string]$Name, [string]$Why) {
    $now = Get-Setting $Interface.Index $Name
    if ($now -eq 'Enabled') {
        Write-Output "kept: $Name of $($Interface.Name) is on, so that $Why."
        return
    }
    Save-Setting $Interface.Id $Family $Name $now
    if ($Name -eq 'WeakHostReceive') { Set-NetIPInterface -InterfaceIndex $Interface.Index -AddressFamily $Family -WeakHostReceive Enabled }
    else { Set-NetIPInterface -InterfaceIndex $Interface.Index -AddressFamily $Family -WeakHostSend Enabled }
    Write-Output "done: $Name of $($Interface.Name) is on, so that $Why."
}

function Set-Adapter($Loopback) {
    $now = Get-IpInterface $Loopback.Index
    if ("$($now.DadTransmits)" -ne '0') {
        Save-Setting $Loopback.Id $Family 'DadTransmits' "$($now.DadTransmits)"
        Set-NetIPInterface -InterfaceIndex $Loopback.Index -AddressFamily $Family -DadTransmits 0
        Write-Output "done: no duplicate-address probes on $($Loopback.Name), because the appliance has the VIP too."
    }
    if ("$($now.InterfaceMetric)" -ne '254') {
        if ("$($now.AutomaticMetric)" -eq 'Enabled') { Save-Setting $Loopback.Id $Family 'AutomaticMetric' 'Enabled' }
        else { Save-Setting $Loopback.Id $Family 'InterfaceMetric' "$($now.InterfaceMetric)" }
        Set-NetIPInterface -InterfaceIndex $Loopback.Index -AddressFamily $Family -InterfaceMetric 254
        Write-Output "done: the metric of $($Loopback.Name) is 254, so that routes of the real interface are preferred."
    }
    foreach ($binding in @(Get-Bindings $Loopback.Index)) {
        if (-not $binding.Enabled) { continue }
        Save-Setting $Loopback.Id 'any' $binding.ComponentID 'Enabled'
        $binding | Disable-NetAdapterBinding
        Write-Output "done: $($binding.ComponentID) is off on $($Loopback.Name) only, so that nothing is offered under the VIP by accident."
    }
    foreach ($client in @(Get-DnsClient -InterfaceIndex $Loopback.Index -ErrorAction SilentlyContinue)) {
        if (-not $client.RegisterThisConnectionsAddress) { continue }
        Save-Setting $Loopback.Id 'any' 'RegisterThisConnectionsAddress' 'True'
        Set-DnsClient -InterfaceIndex $Loopback.Index -RegisterThisConnectionsAddress $false
        Write-Output "done: $($Loopback.Name) does not register its addresses in DNS, so that nobody finds this host under the VIP."
    }
}`
