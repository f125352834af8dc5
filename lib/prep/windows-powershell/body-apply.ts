import { block } from '../node.ts'

/** Parameters and what all modes share, then apply. */
export const parameters = block`
#Requires -Version 5.1
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)]
    [ValidateSet('Apply', 'Check', 'Undo')]
    [string]$Mode
)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'`

export const shared = block`
$AdapterName = 'Tangent-DSR'
$StateFolder = Join-Path $env:ProgramData 'tangent-backend'
$StateFile = Join-Path $StateFolder "$Key.json"
$AdapterFile = Join-Path $StateFolder 'adapter.json'
$RulePrefix = "TangentDsr-$Key-"

function Stop-Refused([string]$Reason) {
    [Console]::Error.WriteLine("refused: $Reason")
    exit 3
}

function Stop-Failed([string]$Reason) {
    [Console]::Error.WriteLine("failed: $Reason")
    exit 1
}

function Assert-Administrator {
    $me = New-Object Security.Principal.WindowsPrincipal([Security.Principal.WindowsIdentity]::GetCurrent())
    if (-not $me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
        [Console]::Error.WriteLine('Run this in PowerShell as administrator: adapters and addresses belong to administrators.')
        exit 2
    }
}

function Save-Json([string]$Path, $Value) {
    New-Item -ItemType Directory -Force -Path $StateFolder | Out-Null
    Set-Content -Path "$Path.new" -Value (ConvertTo-Json $Value) -Encoding ASCII
    Move-Item -Force -Path "$Path.new" -Destination $Path
}

function Read-Json([string]$Path) {
    if (Test-Path $Path) { Get-Content -Raw -Path $Path | ConvertFrom-Json }
}

# The real interface, found by the address of this backend and never by a name.
function Get-NicIndex {
    $found = @(Get-NetIPAddress -IPAddress $Rip -ErrorAction SilentlyContinue)
    if ($found.Count -ne 1) { Stop-Refused "the address $Rip is on $($found.Count) interfaces here; this script is for the backend that has it once" }
    $found[0].InterfaceIndex
}

function Get-Places([string]$Vip) {
    @(Get-NetIPAddress -IPAddress $Vip -ErrorAction SilentlyContinue)
}`

export const apply = block`
function Assert-Safe {
    $loopback = Find-Loopback
    if ($loopback -and $loopback.ComponentID -ne '*msloop') { Stop-Refused "the adapter $AdapterName is no loopback adapter; rename it first" }
    foreach ($vip in $Vips) {
        foreach ($place in (Get-Places $vip)) {
            if (-not $loopback -or $place.InterfaceIndex -ne $loopback.ifIndex) {
                Stop-Refused "$vip is on $($place.InterfaceAlias), where this host answers for it and takes the clients from the appliance; remove it there first"
            }
            if ($place.PrefixLength -ne $Prefix) {
                Stop-Refused "$vip has the prefix $($place.PrefixLength) on $AdapterName; only $Prefix is safe; remove it there first"
            }
        }
    }
}

function Save-Original([int]$Nic) {
    $state = Read-Json $StateFile
    if ($state) { return $state }
    $interface = Get-NetIPInterface -InterfaceIndex $Nic -AddressFamily $Family
    $adapter = Get-NetAdapter -InterfaceIndex $Nic
    $state = @{ Family = $Family; NicGuid = $adapter.InterfaceGuid; WeakHostReceive = "$($interface.WeakHostReceive)"; Added = @() }
    Save-Json $StateFile $state
    Read-Json $StateFile
}

function Save-Added($State, $Added) {
    $unique = @($Added | Where-Object { $_ } | Select-Object -Unique)
    Save-Json $StateFile @{ Family = $Family; NicGuid = $State.NicGuid; WeakHostReceive = $State.WeakHostReceive; Added = $unique }
}

function Set-Bindings {
    foreach ($component in @('ms_msclient', 'ms_server')) {
        Get-NetAdapterBinding -Name $AdapterName -ComponentID $component -ErrorAction SilentlyContinue |
            Where-Object { $_.Enabled } | Disable-NetAdapterBinding
    }
    Write-Output "done: file sharing and the Microsoft client are off on $AdapterName only, so that nothing is offered under the VIP by accident."
}

function Set-Hosts([int]$Nic, [int]$Loopback) {
    Set-NetIPInterface -InterfaceIndex $Loopback -AddressFamily $Family -InterfaceMetric 254 -DadTransmits 0 -WeakHostReceive Enabled -WeakHostSend Enabled
    Write-Output "done: weak host receive and send on $AdapterName, so that replies leave through the real interface; no duplicate-address probes for a VIP that the appliance owns too."
    Set-NetIPInterface -InterfaceIndex $Nic -AddressFamily $Family -WeakHostReceive Enabled
    Write-Output "done: weak host receive on interface $Nic ($Rip), so that it takes packets for an address of another interface."
}

function Add-Vips($State, [int]$Loopback) {
    $added = @($State.Added)
    foreach ($vip in $Vips) {
        if ((Get-Places $vip).Count -gt 0) {
            Write-Output "kept: $vip/$Prefix is on $AdapterName, so this host takes the packets that the appliance passes on."
            continue
        }
        $added = @($added) + $vip
        Save-Added $State $added
        New-NetIPAddress -InterfaceIndex $Loopback -IPAddress $vip -PrefixLength $Prefix -SkipAsSource $true | Out-Null
        Write-Output "done: $vip/$Prefix added to $AdapterName, never used as a source of own connections and not registered in DNS."
    }
    foreach ($former in @($State.Added | Where-Object { $_ -and $Vips -notcontains $_ })) {
        Remove-Vip $former $Loopback
        $added = @($added | Where-Object { $_ -ne $former })
    }
    Save-Added $State $added
}

function Remove-Vip([string]$Vip, [int]$Loopback) {
    Get-Places $Vip | Where-Object { $_.InterfaceIndex -eq $Loopback } | Remove-NetIPAddress -Confirm:$false
    Write-Output "done: $Vip removed from $AdapterName, so this host no longer takes packets for it."
}

function Remove-Rules {
    Get-NetFirewallRule -Name "$RulePrefix*" -ErrorAction SilentlyContinue | Remove-NetFirewallRule
}

function Set-Rules {
    Remove-Rules
    $number = 0
    foreach ($service in $Services) {
        $number++
        $vip, $protocol, $ports = $service.Split('/')
        $rule = @{ Name = "$RulePrefix$number"; DisplayName = "Tangent DSR $service"; Direction = 'Inbound'; Action = 'Allow'; Profile = 'Any'; LocalAddress = $vip }
        if ($protocol -eq 'sctp') { $rule.Protocol = '132' } else { $rule.Protocol = $protocol.ToUpper() }
        if ($protocol -ne 'sctp' -and $ports -ne 'any') { $rule.LocalPort = $ports.Split(',') }
        New-NetFirewallRule @rule | Out-Null
        Write-Output "done: the Windows firewall lets $service in; the loopback adapter counts as a public network, where it would be blocked."
    }
}

function Invoke-Apply {
    Assert-Administrator
    $nic = Get-NicIndex
    Assert-Safe
    $state = Save-Original $nic
    if (-not (Find-Loopback)) { New-Loopback }
    $loopback = (Find-Loopback).ifIndex
    Wait-IpInterface $loopback
    Set-Bindings
    Set-DnsClient -InterfaceIndex $loopback -RegisterThisConnectionsAddress $false
    Write-Output "done: $AdapterName does not register its addresses in DNS, so that nobody finds this host under the VIP."
    Set-Hosts $nic $loopback
    Add-Vips $state $loopback
    Set-Rules
    Write-Output 'next: the application must listen on the VIP or on every address, with the port of the VIP. Windows keeps all this over a reboot.'
}`
