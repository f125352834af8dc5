# Prepares a Windows backend for Direct Server Return: this host takes packets for the VIP and answers the client itself.
#   backend web1, address 10.9.0.21
#   farm dns: VIP 10.9.0.101, tcp, port 53
#   farm dns: VIP 10.9.0.101, udp, port 53
#   farm dns: VIP 10.9.0.101, sctp, port 53
#   farm dns: VIP 10.9.0.102, tcp, port 53
#   farm dns: VIP 10.9.0.102, udp, port 53
#   farm dns: VIP 10.9.0.102, sctp, port 53
#   farm web: VIP 10.9.0.100, tcp, port 80,443
#   farm web: VIP 10.9.0.101, tcp, port 80,443
#   farm web: VIP 192.0.2.7, tcp, port 80,443
# Run as administrator: -Mode Apply, then -Mode Check; -Mode Undo puts everything back.
# Exit status: 0 ok, 1 a check failed, 2 not administrator, 3 refused.
#Requires -Version 5.1
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)]
    [ValidateSet('Apply', 'Check', 'Undo')]
    [string]$Mode
)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

$Rip = '10.9.0.21'
$Key = '10-9-0-21'
$Family = 'IPv4'
$Prefix = '32'
$Vips = @('10.9.0.101', '10.9.0.102', '10.9.0.100', '192.0.2.7')
$Services = @('10.9.0.101/tcp/53', '10.9.0.101/udp/53', '10.9.0.101/sctp/53', '10.9.0.102/tcp/53', '10.9.0.102/udp/53', '10.9.0.102/sctp/53', '10.9.0.100/tcp/80,443', '10.9.0.101/tcp/80,443', '192.0.2.7/tcp/80,443')

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
}

$SetupSource = @'
using System;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

public static class TangentLoopback
{
    [StructLayout(LayoutKind.Sequential)]
    struct DeviceInfo { public int Size; public Guid ClassGuid; public int Instance; public IntPtr Reserved; }

    [StructLayout(LayoutKind.Sequential)]
    struct RemoveParams { public int HeaderSize; public int Function; public int Scope; public int HardwareProfile; }

    const int RegisterDevice = 0x19, Remove = 0x05, GenerateId = 1, HardwareId = 1, RemoveGlobal = 1;
    const string Model = "*MSLOOP";

    [DllImport("setupapi.dll", SetLastError = true)]
    static extern IntPtr SetupDiCreateDeviceInfoList(ref Guid classGuid, IntPtr window);
    [DllImport("setupapi.dll", SetLastError = true, CharSet = CharSet.Unicode)]
    static extern bool SetupDiCreateDeviceInfo(IntPtr set, string name, ref Guid classGuid, string text, IntPtr window, int flags, ref DeviceInfo device);
    [DllImport("setupapi.dll", SetLastError = true, CharSet = CharSet.Unicode)]
    static extern bool SetupDiOpenDeviceInfo(IntPtr set, string instanceId, IntPtr window, int flags, ref DeviceInfo device);
    [DllImport("setupapi.dll", SetLastError = true, CharSet = CharSet.Unicode)]
    static extern bool SetupDiSetDeviceRegistryProperty(IntPtr set, ref DeviceInfo device, int property, byte[] value, int size);
    [DllImport("setupapi.dll", SetLastError = true, CharSet = CharSet.Unicode)]
    static extern bool SetupDiSetClassInstallParams(IntPtr set, ref DeviceInfo device, ref RemoveParams value, int size);
    [DllImport("setupapi.dll", SetLastError = true)]
    static extern bool SetupDiCallClassInstaller(int function, IntPtr set, ref DeviceInfo device);
    [DllImport("setupapi.dll", SetLastError = true)]
    static extern bool SetupDiDestroyDeviceInfoList(IntPtr set);
    [DllImport("newdev.dll", SetLastError = true, CharSet = CharSet.Unicode)]
    static extern bool UpdateDriverForPlugAndPlayDevices(IntPtr window, string model, string inf, int flags, out bool reboot);

    static void Need(bool done) { if (!done) throw new Win32Exception(Marshal.GetLastWin32Error()); }

    static DeviceInfo NewInfo()
    {
        DeviceInfo device = new DeviceInfo();
        device.Size = Marshal.SizeOf(typeof(DeviceInfo));
        return device;
    }

    static IntPtr NewSet()
    {
        Guid network = new Guid("4d36e972-e325-11ce-bfc1-08002be10318");
        IntPtr set = SetupDiCreateDeviceInfoList(ref network, IntPtr.Zero);
        Need(set != new IntPtr(-1));
        return set;
    }

    static void RemoveFrom(IntPtr set, ref DeviceInfo device)
    {
        RemoveParams value = new RemoveParams();
        value.HeaderSize = 8;
        value.Function = Remove;
        value.Scope = RemoveGlobal;
        Need(SetupDiSetClassInstallParams(set, ref device, ref value, Marshal.SizeOf(typeof(RemoveParams))));
        Need(SetupDiCallClassInstaller(Remove, set, ref device));
    }

    public static void Create(string inf)
    {
        IntPtr set = NewSet();
        try
        {
            Guid network = new Guid("4d36e972-e325-11ce-bfc1-08002be10318");
            DeviceInfo device = NewInfo();
            bool reboot;
            byte[] id = Encoding.Unicode.GetBytes(Model + "\0\0");
            Need(SetupDiCreateDeviceInfo(set, "NET", ref network, null, IntPtr.Zero, GenerateId, ref device));
            Need(SetupDiSetDeviceRegistryProperty(set, ref device, HardwareId, id, id.Length));
            Need(SetupDiCallClassInstaller(RegisterDevice, set, ref device));
            if (!UpdateDriverForPlugAndPlayDevices(IntPtr.Zero, Model, inf, 0, out reboot))
            {
                int error = Marshal.GetLastWin32Error();
                RemoveFrom(set, ref device);
                throw new Win32Exception(error);
            }
        }
        finally { SetupDiDestroyDeviceInfoList(set); }
    }

    public static void Delete(string instanceId)
    {
        IntPtr set = NewSet();
        try
        {
            DeviceInfo device = NewInfo();
            Need(SetupDiOpenDeviceInfo(set, instanceId, IntPtr.Zero, 0, ref device));
            RemoveFrom(set, ref device);
        }
        finally { SetupDiDestroyDeviceInfoList(set); }
    }
}
'@

function Use-SetupApi {
    if ([Environment]::Is64BitOperatingSystem -and -not [Environment]::Is64BitProcess) {
        throw 'this is a 32-bit PowerShell; devices need the 64-bit one'
    }
    if (-not ('TangentLoopback' -as [type])) { Add-Type -TypeDefinition $SetupSource }
}

function Show-ManualSteps {
    Write-Output 'Create the adapter by hand, then run this script again:'
    Write-Output '  1. Run hdwwiz.exe as administrator: install the hardware manually, class Network adapters,'
    Write-Output '     manufacturer Microsoft, model Microsoft KM-TEST Loopback Adapter (Microsoft Loopback Adapter on old systems).'
    Write-Output '  2. Open ncpa.cpl and rename the new connection to Tangent-DSR.'
}

function Find-Loopback {
    Get-NetAdapter -Name $AdapterName -ErrorAction SilentlyContinue
}

function New-Loopback {
    $before = @(Get-NetAdapter -IncludeHidden | ForEach-Object { $_.InterfaceGuid })
    try {
        Use-SetupApi
        [TangentLoopback]::Create((Join-Path $env:windir 'inf\netloop.inf'))
    } catch {
        Show-ManualSteps
        Stop-Refused "the loopback adapter could not be created: $($_.Exception.Message)"
    }
    $new = @()
    for ($second = 0; $second -lt 30 -and $new.Count -eq 0; $second++) {
        $new = @(Get-NetAdapter | Where-Object { $_.ComponentID -eq '*msloop' -and $before -notcontains $_.InterfaceGuid })
        if ($new.Count -eq 0) { Start-Sleep -Seconds 1 }
    }
    if ($new.Count -ne 1) {
        Show-ManualSteps
        Stop-Refused 'the new loopback adapter did not appear within 30 seconds'
    }
    Save-Json $AdapterFile @{ PnPDeviceID = $new[0].PnPDeviceID }
    Rename-NetAdapter -Name $new[0].Name -NewName $AdapterName
    Write-Output "done: loopback adapter $AdapterName created. It holds the VIP, and Windows never answers for it on the real network."
}

function Wait-IpInterface([int]$Index) {
    for ($second = 0; $second -lt 30; $second++) {
        if (Get-NetIPInterface -InterfaceIndex $Index -AddressFamily $Family -ErrorAction SilentlyContinue) { return }
        Start-Sleep -Seconds 1
    }
    Stop-Failed "the loopback adapter has no $Family after 30 seconds; is $Family switched off on it?"
}

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
}

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
}

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
exit 0
