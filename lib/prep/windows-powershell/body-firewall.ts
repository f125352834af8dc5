import { block } from '../node.ts'

/**
 * One rule for each service, all in one group, which `Get-NetFirewallRule -Group` finds. Ports and addresses of a rule are in objects
 * of their own; numbers of protocols and lists of ports are allowed (New-NetFirewallRule, NetSecurity, 2012 to 2025). A rule that is
 * right stays untouched: every change makes the firewall look at open connections again.
 */
export const firewall = block`
# Nothing found is no error here; everything else is.
function Find-Rules([scriptblock]$Query) {
    try {
        & $Query
    } catch {
        if ("$($_.CategoryInfo.Category)" -ne 'ObjectNotFound') { throw }
    }
}

function Get-Rules {
    Find-Rules { Get-NetFirewallRule -Group $RuleGroup }
}

# SCTP has no name in the Windows firewall, and no ports there.
function Get-RuleProtocol([string]$Protocol) {
    if ($Protocol -eq 'sctp') { '132' } else { $Protocol.ToUpperInvariant() }
}

# Ports and ranges as pairs; words that stand for no port give none.
function Get-Ranges($Texts) {
    foreach ($text in @($Texts | Where-Object { $_ })) {
        if ($text -eq 'any') {
            New-Object PSObject -Property @{ From = 1; To = 65535 }
        } elseif ($text -match '^[0-9]+(-[0-9]+)?$') {
            $ends = @($text.Split('-'))
            New-Object PSObject -Property @{ From = [int]$ends[0]; To = [int]$ends[-1] }
        }
    }
}

function Join-Ranges($Texts) {
    @(Get-Ranges $Texts | Sort-Object -Property From | ForEach-Object { "$($_.From)-$($_.To)" }) -join ' '
}

function Test-FirewallRuns {
    @(Get-Service -Name 'MpsSvc' -ErrorAction SilentlyContinue | Where-Object { "$($_.Status)" -eq 'Running' }).Count -eq 1
}

# What is wrong with a rule for a service, in a few words; nothing when it is right.
function Get-RuleFault($Rule, [string]$Service) {
    $vip, $protocol, $ports = $Service.Split('/')
    if ("$($Rule.Enabled)" -ne 'True') { return 'it is disabled' }
    if ("$($Rule.Action)" -ne 'Allow' -or "$($Rule.Direction)" -ne 'Inbound') { return 'it does not allow' }
    if ("$($Rule.Profile)" -ne 'Any') { return "it is for profile $($Rule.Profile) only" }
    $port = Get-NetFirewallPortFilter -AssociatedNetFirewallRule $Rule
    if ($port.Protocol -ne (Get-RuleProtocol $protocol)) { return 'it has another protocol' }
    if ($protocol -ne 'sctp' -and (Join-Ranges $port.LocalPort) -ne (Join-Ranges ($ports.Split(',')))) { return 'it has other ports' }
    $address = Get-NetFirewallAddressFilter -AssociatedNetFirewallRule $Rule
    if (@($address.LocalAddress | ForEach-Object { ($_ -split '[/-]')[0] }) -notcontains $vip) { return 'it has another address' }
    if ("$($address.RemoteAddress)" -ne 'Any') { return 'it is for some clients only' }
}

function Set-Rules {
    if (-not (Test-FirewallRuns)) {
        Write-Output 'kept: the service of the Windows firewall is not running, so no rule is made.'
        return
    }
    $right = @()
    foreach ($rule in @(Get-Rules)) {
        $service = "$($rule.Description)"
        if ($Services -contains $service -and $right -notcontains $service -and -not (Get-RuleFault $rule $service)) {
            $right = @($right) + $service
        } else {
            $rule | Remove-NetFirewallRule
            Write-Output "done: the former rule of the Windows firewall for $service removed."
        }
    }
    foreach ($service in $Services) {
        if ($right -contains $service) {
            Write-Output "kept: the Windows firewall lets $service in."
            continue
        }
        $vip, $protocol, $ports = $service.Split('/')
        $rule = @{ DisplayName = "Tangent DSR $service"; Description = $service; Group = $RuleGroup; LocalAddress = $vip; Protocol = (Get-RuleProtocol $protocol) }
        if ($protocol -ne 'sctp' -and $ports -ne 'any') { $rule.LocalPort = $ports.Split(',') }
        New-NetFirewallRule @rule -Direction Inbound -Action Allow -Profile Any | Out-Null
        Write-Output "done: the Windows firewall lets $service in; the loopback adapter counts as a public network, where it would be blocked."
    }
}

function Remove-Rules {
    if (-not (Test-FirewallRuns)) {
        Write-Output "note: the service of the Windows firewall is not running; rules of the group $RuleGroup are still in its list, if there were any."
        return
    }
    foreach ($rule in @(Get-Rules)) {
        $rule | Remove-NetFirewallRule
        Write-Output "done: the rule of the Windows firewall for $($rule.Description) removed."
    }
}`
