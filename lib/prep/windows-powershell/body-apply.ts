import { block } from '../node.ts'

/**
 * `-Mode Apply`: refuse before anything is changed, remember, then change. An address goes to the active and the persistent store when
 * no -PolicyStore is named; SkipAsSource keeps it out of outgoing connections and of DNS; on an interface with DHCP New-NetIPAddress
 * would switch DHCP off, which is one more reason to have the VIP on the loopback only (New-NetIPAddress, NetTCPIP, 2012 to 2025).
 */
export const apply = block`
function Assert-Safe($Nic, $Loopback) {
    if (-not $Nic) { Stop-Refused "the address $Rip is not on exactly one interface here; this script is for the backend that has it" }
    $value = Get-Setting $Nic.Index 'WeakHostReceive'
    if (@('Enabled', 'Disabled') -notcontains $value) { Stop-Refused "this PowerShell cannot read the settings of interfaces ($value); use powershell.exe, Windows PowerShell 5.1" }
    if ($UseBuiltinLoopback -and -not $Builtin) { Stop-Refused "this script put the VIP on $AdapterName before; run -Mode Undo first" }
    if ($Loopback -and -not $Builtin) {
        if (@(Get-LoopbackAdapters | ForEach-Object { $_.InterfaceGuid }) -notcontains $Loopback.Id) { Stop-Refused "the adapter $AdapterName is no loopback adapter; rename it first" }
        if ($Loopback.Status -eq 'Disabled') { Stop-Refused "the adapter $($Loopback.Name) is disabled; enable it first: Enable-NetAdapter -Name '$($Loopback.Name)'" }
    }
    foreach ($vip in $Vips) {
        foreach ($place in @(Get-Places $vip)) { Assert-Place $vip $place $Loopback }
    }
}

function Assert-Place([string]$Vip, $Place, $Loopback) {
    if (-not $Loopback -or $Place.InterfaceIndex -ne $Loopback.Index) {
        Stop-Refused "$Vip is on $($Place.InterfaceAlias), where this host answers for it and takes the clients from the appliance; remove it there first: Remove-NetIPAddress -IPAddress $Vip -InterfaceIndex $($Place.InterfaceIndex)"
    }
    if ($Place.PrefixLength -ne $Prefix) {
        Stop-Refused "$Vip has the prefix $($Place.PrefixLength) on $($Loopback.Name); only $Prefix is safe; remove it there first: Remove-NetIPAddress -IPAddress $Vip -InterfaceIndex $($Place.InterfaceIndex)"
    }
    if (-not $Place.SkipAsSource -and @(Find-Records 'vip ' | Where-Object { $_ -like "* $Vip" }).Count -eq 0) {
        Stop-Refused "$Vip is on $($Loopback.Name) already, as a source of own connections; remove it first, then it is added as it must be: Remove-NetIPAddress -IPAddress $Vip -InterfaceIndex $($Place.InterfaceIndex)"
    }
}

# Each store on its own: without -PolicyStore the documentation promises no more than the active one (Remove-NetIPAddress).
function Clear-Vip([string]$Vip, [int]$Index) {
    foreach ($store in @('ActiveStore', 'PersistentStore')) {
        $places = @(Get-NetIPAddress -IPAddress $Vip -InterfaceIndex $Index -PolicyStore $store -ErrorAction SilentlyContinue)
        if ($places.Count -gt 0) { Remove-NetIPAddress -IPAddress $Vip -InterfaceIndex $Index -PolicyStore $store -Confirm:$false }
    }
}

function Test-VipOfOthers([string]$Vip) {
    @(Find-Records 'vip ' | Where-Object { $_ -like "* $Vip" -and $_ -ne "vip $Key $Vip" }).Count -gt 0
}

# A new address switches DHCP off on its interface.
function Add-Vip([string]$Vip, $Loopback) {
    $place = @(Get-Places $Vip)
    if ($place.Count -eq 1 -and $place[0].SkipAsSource -and "$($place[0].AddressState)" -ne 'Duplicate') {
        if (Test-VipOfOthers $Vip) { Set-Record "vip $Key $Vip" '' }
        Write-Output "kept: $Vip/$Prefix is on $($Loopback.Name), so this host takes the packets that the appliance passes on."
        return
    }
    if ((Get-Setting $Loopback.Index 'Dhcp') -eq 'Enabled') { Save-Setting $Loopback.Id $Family 'Dhcp' 'Enabled' }
    Set-Record "vip $Key $Vip" ''
    Clear-Vip $Vip $Loopback.Index
    New-NetIPAddress -InterfaceIndex $Loopback.Index -IPAddress $Vip -PrefixLength $Prefix -SkipAsSource $true | Out-Null
    Write-Output "done: $Vip/$Prefix added to $($Loopback.Name), never used as a source of own connections and not registered in DNS."
}

function Remove-Vip([string]$Vip, [int]$Index, [string]$Why) {
    if (Test-VipOfOthers $Vip) {
        Write-Output "kept: $Vip, because another preparation script on this machine still needs it."
    } elseif ($Index -gt 0) {
        Clear-Vip $Vip $Index
        Write-Output "done: $Vip removed from the loopback interface. $Why"
    }
    Remove-Record "vip $Key $Vip"
}

# A new address may be tentative for a moment; a check that follows at once would complain.
function Wait-Vips {
    for ($second = 0; $second -lt 10; $second++) {
        $tentative = @($Vips | Where-Object { @(Get-Places $_ | Where-Object { "$($_.AddressState)" -eq 'Tentative' }).Count -gt 0 })
        if ($tentative.Count -eq 0) { return }
        Start-Sleep -Seconds 1
    }
}

function Invoke-Apply {
    $nic = Find-Nic
    $loopback = Find-Loopback
    Assert-Safe $nic $loopback
    if (-not $loopback -or $State.ContainsKey('creating')) { Add-Loopback }
    $loopback = Find-Loopback
    Wait-IpInterface $loopback.Index
    if (-not $State.ContainsKey("dhcp $Key") -or -not $State["dhcp $Key"].StartsWith("$($nic.Id) ")) {
        Set-Record "dhcp $Key" "$($nic.Id) $(Get-Setting $nic.Index 'Dhcp')"
    }
    Save-Role 'loopback' $loopback.Id
    Save-Role 'nic' $nic.Id
    if (-not $Builtin) { Set-Adapter $loopback }
    Set-WeakHost $loopback 'WeakHostReceive' 'the VIP takes packets that came in through the real interface'
    Set-WeakHost $loopback 'WeakHostSend' 'replies of the VIP leave through the real interface'
    Set-WeakHost $nic 'WeakHostReceive' 'it takes packets for an address of another interface'
    foreach ($vip in $Vips) { Add-Vip $vip $loopback }
    foreach ($name in @(Find-Records "vip $Key ")) {
        $former = $name.Split(' ')[2]
        if ($Vips -notcontains $former) { Remove-Vip $former $loopback.Index 'No farm of this backend uses it any more.' }
    }
    Set-Rules
    Wait-Vips
    Write-Output 'next: the application must listen on the VIP or on every address, with the port of the VIP. Windows keeps all this over a reboot.'
}`
