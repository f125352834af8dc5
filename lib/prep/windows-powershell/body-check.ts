import { block } from '../node.ts'

/** `-Mode Check` collects findings and prints nothing by itself: the words come from `Get-Sentence`, printed from the registry. */
export const check = block`
$Findings = @()

# What the machine says of itself is reduced to plain characters and cut.
function Get-Plain([string]$Text, [int]$Limit) {
    $plain = $Text -creplace '[^A-Za-z0-9 ._:@/,-]', '_'
    if ($plain.Length -gt $Limit) { $plain.Substring(0, $Limit) } else { $plain }
}

function Add-Finding([string]$Code, [string]$Verdict, [string]$Subject, [string]$Found = '') {
    $finding = @{ Code = $Code; Verdict = $Verdict; Subject = (Get-Plain $Subject 2000); Found = (Get-Plain $Found 200) }
    $script:Findings = @($script:Findings) + (New-Object PSObject -Property $finding)
}

function Test-Address($Nic) {
    if ($Nic) {
        Add-Finding 'address' 'ok' $Rip
        return
    }
    $places = @(Get-NetIPAddress -IPAddress $Rip -ErrorAction SilentlyContinue)
    $found = "$($places.Count) interfaces"
    if ($places.Count -eq 1) { $found = 'an interface without an adapter' }
    Add-Finding 'address' 'fail' $Rip $found
}

function Test-Enabled([string]$Code, [string]$Setting, $Interface) {
    $value = Get-Setting $Interface.Index $Setting
    if ($value -eq 'Enabled') { Add-Finding $Code 'ok' $Interface.Name $value }
    elseif ($value) { Add-Finding $Code 'fail' $Interface.Name $value }
    else { Add-Finding $Code 'fail' $Interface.Name "not there for $Family" }
}

function Test-Nic($Nic) {
    Test-Enabled 'weak-host-receive' 'WeakHostReceive' $Nic
    if (-not $State.ContainsKey("dhcp $Key") -or -not $State["dhcp $Key"].StartsWith("$($Nic.Id) ")) { return }
    $now = Get-Setting $Nic.Index 'Dhcp'
    if ($State["dhcp $Key"] -eq "$($Nic.Id) Enabled" -and $now -ne 'Enabled') { Add-Finding 'dhcp' 'fail' $Nic.Name $now } else { Add-Finding 'dhcp' 'ok' $Nic.Name $now }
}

function Test-Loopback($Loopback) {
    if (-not $Loopback) {
        Add-Finding 'adapter' 'fail' $AdapterName 'missing'
        return
    }
    if ($Loopback.Status -eq 'Up') { Add-Finding 'adapter' 'ok' $Loopback.Name }
    else { Add-Finding 'adapter' 'fail' $Loopback.Name $Loopback.Status }
    Test-Enabled 'weak-host-receive' 'WeakHostReceive' $Loopback
    Test-Enabled 'weak-host-send' 'WeakHostSend' $Loopback
    if ($Builtin) { return }
    foreach ($binding in @(Get-Bindings $Loopback.Index)) {
        if ($binding.Enabled) { Add-Finding 'binding' 'warn' $binding.ComponentID } else { Add-Finding 'binding' 'ok' $binding.ComponentID }
    }
    foreach ($client in @(Get-DnsClient -InterfaceIndex $Loopback.Index -ErrorAction SilentlyContinue)) {
        if ($client.RegisterThisConnectionsAddress) { Add-Finding 'dns-registration' 'warn' $Loopback.Name } else { Add-Finding 'dns-registration' 'ok' $Loopback.Name }
    }
}

function Test-Vip([string]$Vip, [int]$Loopback, $Nic) {
    $places = @(Get-Places $Vip)
    foreach ($place in $places) {
        if ($place.InterfaceIndex -ne $Loopback) { Add-Finding 'vip-elsewhere' 'fail' $Vip "interface $($place.InterfaceIndex) $($place.InterfaceAlias)" }
    }
    $right = @($places | Where-Object { $_.InterfaceIndex -eq $Loopback })
    if ($right.Count -eq 0) {
        Test-Missing $Vip $Nic
        return
    }
    if ($right[0].PrefixLength -ne $Prefix) {
        Add-Finding 'vip-wide' 'fail' $Vip "prefix $($right[0].PrefixLength)"
        return
    }
    Add-Finding 'vip-on-loopback' 'ok' $Vip
    $value = "$($right[0].AddressState)"
    if ($value -eq 'Preferred') { Add-Finding 'vip-state' 'ok' $Vip $value } else { Add-Finding 'vip-state' 'fail' $Vip $value }
    if ($right[0].SkipAsSource) { Add-Finding 'vip-source' 'ok' $Vip } else { Add-Finding 'vip-source' 'fail' $Vip }
    $kept = @(Get-NetIPAddress -IPAddress $Vip -InterfaceIndex $Loopback -PolicyStore PersistentStore -ErrorAction SilentlyContinue)
    if ($kept.Count -gt 0) { Add-Finding 'persistence' 'ok' $Vip } else { Add-Finding 'persistence' 'warn' $Vip }
}

function Test-Missing([string]$Vip, $Nic) {
    if ($Nic -and (Get-Setting $Nic.Index 'Forwarding') -eq 'Enabled') { Add-Finding 'vip-forwarded' 'fail' $Vip $Nic.Name }
    else { Add-Finding 'vip-on-loopback' 'fail' $Vip }
}

function Test-Gateway {
    $destination = '0.0.0.0/0'
    if ($Family -eq 'IPv6') { $destination = '::/0' }
    $hops = @(Get-NetRoute -DestinationPrefix $destination -ErrorAction SilentlyContinue | ForEach-Object { $_.NextHop } | Sort-Object -Unique)
    if ($hops.Count -eq 0) { Add-Finding 'gateway' 'warn' $destination }
    foreach ($hop in $hops) {
        if ($Appliances -contains $hop) { Add-Finding 'gateway' 'fail' $hop 'the appliance' }
        elseif ($Vips -contains $hop) { Add-Finding 'gateway' 'fail' $hop 'a VIP' }
        else { Add-Finding 'gateway' 'ok' $hop }
    }
}

function Test-All {
    if (-not (Test-Administrator)) { Add-Finding 'administrator' 'warn' 'administrator' }
    $nic = Find-Nic
    $loopback = Find-Loopback
    $index = 0
    if ($loopback) { $index = $loopback.Index }
    Test-Address $nic
    if ($nic) { Test-Nic $nic }
    Test-Loopback $loopback
    foreach ($vip in $Vips) { Test-Vip $vip $index $nic }
    Test-Firewall
    foreach ($service in $Services) { Test-Listener $service $index }
    Test-Gateway
}`
