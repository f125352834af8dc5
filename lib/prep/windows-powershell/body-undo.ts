import { block } from '../node.ts'

/** Undo, check and the start. */
export const undo = block`
function Restore-Nic($State) {
    $nic = Get-NetAdapter | Where-Object { $_.InterfaceGuid -eq $State.NicGuid }
    if (-not $nic) {
        Write-Output 'kept: the interface that was changed is no longer here.'
        return
    }
    foreach ($file in @(Get-ChildItem -Path $StateFolder -Filter '*.json')) {
        if ($file.FullName -eq $StateFile -or $file.FullName -eq $AdapterFile) { continue }
        $other = Read-Json $file.FullName
        if ($other.NicGuid -eq $State.NicGuid -and $other.Family -eq $Family) {
            Write-Output 'kept: weak host receive, because another preparation script on this machine still needs it.'
            return
        }
    }
    Set-NetIPInterface -InterfaceIndex $nic.ifIndex -AddressFamily $Family -WeakHostReceive $State.WeakHostReceive
    Write-Output "done: weak host receive of interface $($nic.ifIndex) is $($State.WeakHostReceive) again, as before the first Apply."
}

function Remove-Loopback {
    $made = Read-Json $AdapterFile
    $loopback = Find-Loopback
    if (-not $made -or -not $loopback) { return }
    if (@(Get-ChildItem -Path $StateFolder -Filter '*.json').Count -gt 2) {
        Write-Output "kept: the adapter $AdapterName, because another preparation script on this machine still needs it."
        return
    }
    try {
        Use-SetupApi
        [TangentLoopback]::Delete($made.PnPDeviceID)
        Write-Output "done: the adapter $AdapterName removed; this script had created it."
    } catch {
        Stop-Failed "the adapter $AdapterName could not be removed ($($_.Exception.Message)); uninstall it in the Device Manager, then run Undo again"
    }
    Remove-Item -Path $AdapterFile
}

function Invoke-Undo {
    Assert-Administrator
    $state = Read-Json $StateFile
    if (-not $state) {
        Write-Output 'kept: nothing of this script is left here, so nothing is to be undone.'
        return
    }
    $loopback = Find-Loopback
    Remove-Rules
    Write-Output 'done: the firewall rules of this script removed.'
    foreach ($vip in @($state.Added | Where-Object { $_ })) {
        if ($loopback) { Remove-Vip $vip $loopback.ifIndex }
    }
    Restore-Nic $state
    Remove-Loopback
    Remove-Item -Path $StateFile
    Write-Output 'done: this machine is as it was before the first Apply.'
}`

export const check = block`
function Test-Fact([bool]$Good, [string]$Fact, [string]$Fix) {
    if ($Good) {
        Write-Output "ok    $Fact"
    } else {
        Write-Output "FAIL  not so: $Fact $Fix"
        $script:Failed = $true
    }
}

function Test-Vip([string]$Vip, [int]$Loopback) {
    $places = Get-Places $Vip
    $right = @($places | Where-Object { $_.InterfaceIndex -eq $Loopback })
    Test-Fact ($right.Count -eq 1) "$Vip is on $AdapterName, so this host takes the packets that the appliance passes on." 'Run -Mode Apply.'
    Test-Fact ($places.Count -eq $right.Count) "$Vip is nowhere else, so this host does not answer for it on the real network." 'Remove it there.'
    foreach ($place in $right) {
        Test-Fact ($place.PrefixLength -eq $Prefix) "$Vip has the prefix $Prefix; a wider one takes a whole network away from this host." 'Remove the address and run -Mode Apply.'
        Test-Fact ("$($place.AddressState)" -eq 'Preferred') "$Vip is in use (state Preferred)." 'Another host was found with it; run -Mode Apply, which switches the probing off.'
        Test-Fact ([bool]$place.SkipAsSource) "$Vip is never the source of own connections." 'Remove the address and run -Mode Apply.'
    }
}

function Test-WeakHost([int]$Index, [string]$Setting) {
    $interface = Get-NetIPInterface -InterfaceIndex $Index -AddressFamily $Family
    Test-Fact ("$($interface.$Setting)" -eq 'Enabled') "$Setting is on for interface $Index ($Family); without it Windows drops these packets." 'Run -Mode Apply.'
}

function Invoke-Check {
    $script:Failed = $false
    $nic = Get-NicIndex
    Test-WeakHost $nic 'WeakHostReceive'
    $loopback = Find-Loopback
    Test-Fact ([bool]$loopback) "the loopback adapter $AdapterName is here; it holds the VIP." 'Run -Mode Apply.'
    if ($loopback) {
        Test-Fact ("$($loopback.Status)" -eq 'Up') "$AdapterName is up." 'Enable it.'
        Test-WeakHost $loopback.ifIndex 'WeakHostReceive'
        Test-WeakHost $loopback.ifIndex 'WeakHostSend'
        foreach ($vip in $Vips) { Test-Vip $vip $loopback.ifIndex }
    }
    $rules = @(Get-NetFirewallRule -Name "$RulePrefix*" -ErrorAction SilentlyContinue | Where-Object { "$($_.Enabled)" -eq 'True' })
    Test-Fact ($rules.Count -eq $Services.Count) 'the Windows firewall lets the ports of the VIP in.' 'Run -Mode Apply.'
    if ($script:Failed) { exit 1 }
}

switch ($Mode) {
    'Apply' { Invoke-Apply }
    'Check' { Invoke-Check }
    'Undo' { Invoke-Undo }
}
exit 0`
