import { block } from '../node.ts'

/**
 * The checks of what a client needs beyond the VIP: the firewall and a listener. Windows Server 2012 has all of these commands already;
 * a rule that blocks beats every rule that allows. The active store would have the group policy's too, but also those that Windows
 * makes for its own services, so the persistent store and that of the group policy, RSOP, are read (Get-NetFirewallRule).
 */
export const services = block`
$Sockets = @{}

function Test-Firewall {
    if (-not (Test-FirewallRuns)) {
        foreach ($service in $Services) { Add-Finding 'firewall' 'warn' $service 'its service is not running' }
        return
    }
    try {
        Test-Rules
    } catch {
        foreach ($service in $Services) { Add-Finding 'firewall' 'warn' $service $_.Exception.Message }
    }
}

function Test-Rules {
    $rules = @(Get-Rules)
    $blocks = @(Get-Blocks)
    foreach ($service in $Services) {
        Test-Rule $service @($rules | Where-Object { "$($_.Description)" -eq $service })
        Test-Blocks $service $blocks
    }
    foreach ($policy in @(Get-NetFirewallProfile -PolicyStore ActiveStore)) { Test-Policy $policy }
}

function Test-Rule([string]$Service, $Rules) {
    if ($Rules.Count -eq 0) {
        Add-Finding 'firewall' 'fail' $Service 'it is missing'
        return
    }
    $fault = Get-RuleFault $Rules[0] $Service
    if ($fault) { Add-Finding 'firewall' 'fail' $Service $fault } else { Add-Finding 'firewall' 'ok' $Service }
}

# Rules that block, with what they are about. Servers have few of them; each one takes four questions.
function Get-Blocks {
    $own = @(Find-Rules { Get-NetFirewallRule -PolicyStore PersistentStore -Direction Inbound -Action Block -Enabled True })
    $domain = @(Get-NetFirewallRule -PolicyStore RSOP -Direction Inbound -Action Block -Enabled True -ErrorAction SilentlyContinue)
    foreach ($rule in $own + $domain) {
        $port = Get-NetFirewallPortFilter -AssociatedNetFirewallRule $rule
        $address = Get-NetFirewallAddressFilter -AssociatedNetFirewallRule $rule
        $program = Get-NetFirewallApplicationFilter -AssociatedNetFirewallRule $rule
        $owner = Get-NetFirewallServiceFilter -AssociatedNetFirewallRule $rule
        New-Object PSObject -Property @{
            Name = "$($rule.DisplayName)"
            Protocol = "$($port.Protocol)"
            Ranges = @(Get-Ranges $port.LocalPort)
            Addresses = @($address.LocalAddress | ForEach-Object { ($_ -split '[/-]')[0] })
            Whole = "$($rule.Profile) $($address.RemoteAddress) $($program.Program) $($owner.Service)" -eq 'Any Any Any Any'
        }
    }
}

function Test-Block([string]$Service, $Block) {
    $vip, $protocol, $ports = $Service.Split('/')
    if ($Block.Protocol -ne 'Any' -and $Block.Protocol -ne (Get-RuleProtocol $protocol)) { return $false }
    if ($Block.Addresses -notcontains 'Any' -and $Block.Addresses -notcontains $vip) { return $false }
    if ($protocol -eq 'sctp') { return $true }
    foreach ($range in @(Get-Ranges ($ports.Split(',')))) {
        if (@($Block.Ranges | Where-Object { $_.From -le $range.To -and $_.To -ge $range.From }).Count -gt 0) { return $true }
    }
    $false
}

function Test-Blocks([string]$Service, $Blocks) {
    $met = @($Blocks | Where-Object { Test-Block $Service $_ })
    $whole = @($met | Where-Object { $_.Whole } | ForEach-Object { $_.Name })
    $part = @($met | Where-Object { -not $_.Whole } | ForEach-Object { $_.Name })
    if ($whole.Count -gt 0) { Add-Finding 'firewall-block' 'fail' $Service ($whole -join ', ') }
    if ($part.Count -gt 0) { Add-Finding 'firewall-block' 'warn' $Service ($part -join ', ') }
}

function Test-Policy($Policy) {
    if ("$($Policy.Enabled)" -ne 'True') { return }
    if ("$($Policy.AllowInboundRules)" -eq 'False') { Add-Finding 'firewall-policy' 'warn' $Policy.Name 'all inbound rules are ignored' }
    if ("$($Policy.AllowLocalFirewallRules)" -eq 'False') { Add-Finding 'firewall-policy' 'warn' $Policy.Name 'local rules are ignored' }
}

function Get-Listeners([string]$Protocol) {
    if (-not $Sockets.ContainsKey($Protocol)) {
        $found = @()
        if ($Protocol -eq 'tcp') { $found = @(Get-NetTCPConnection -State Listen -ErrorAction SilentlyContinue) }
        if ($Protocol -eq 'udp') { $found = @(Get-NetUDPEndpoint -ErrorAction SilentlyContinue) }
        $Sockets[$Protocol] = $found
    }
    $Sockets[$Protocol]
}

# Windows lists a socket for both families under :: only, like one for IPv6 alone; a connection tells.
function Test-Connection4([string]$Vip, [int]$Port) {
    $client = New-Object Net.Sockets.TcpClient
    try {
        $client.BeginConnect($Vip, $Port, $null, $null).AsyncWaitHandle.WaitOne(3000) -and $client.Connected
    } catch {
        $false
    } finally {
        $client.Close()
    }
}

function Test-Taken([string]$Vip, [string]$Protocol, $Sockets, [bool]$Here) {
    $every = '0.0.0.0'
    if ($Family -eq 'IPv6') { $every = '::' }
    if (@($Sockets | Where-Object { $_.LocalAddress -eq $every -or $_.LocalAddress -eq $Vip }).Count -gt 0) { return $true }
    $both = @($Sockets | Where-Object { $_.LocalAddress -eq '::' })
    if ($both.Count -eq 0) { return $false }
    if ($Protocol -ne 'tcp' -or -not $Here) { return $true }
    Test-Connection4 $Vip $both[0].LocalPort
}

# One socket in a range of ports is enough, and none may be right as well: passive FTP opens its ports when it needs them.
function Test-Listener([string]$Service, [int]$Loopback) {
    $vip, $protocol, $ports = $Service.Split('/')
    $sockets = @(Get-Listeners $protocol)
    $here = @(Get-Places $vip | Where-Object { $_.InterfaceIndex -eq $Loopback }).Count -gt 0
    foreach ($text in $ports.Split(',')) {
        $subject = "$vip/$protocol/$text"
        $range = Get-Ranges $text
        $there = @($sockets | Where-Object { $_.LocalPort -ge $range.From -and $_.LocalPort -le $range.To })
        if ($text -eq 'any') { Add-Finding 'listener' 'warn' $subject 'it is for every port' }
        elseif ($sockets.Count -eq 0) { Add-Finding 'listener' 'warn' $subject "Windows lists no sockets of $protocol" }
        elseif (Test-Taken $vip $protocol $there $here) { Add-Finding 'listener' 'ok' $subject }
        elseif ($there.Count -gt 0) { Add-Finding 'listener-elsewhere' 'fail' $subject (@($there | ForEach-Object { $_.LocalAddress } | Sort-Object -Unique) -join ' ') }
        elseif ($range.From -lt $range.To) { Add-Finding 'listener' 'warn' $subject 'nothing has a port of this range at the moment' }
        else { Add-Finding 'listener' 'fail' $subject }
    }
}`
