# Prepares a Windows backend for Direct Server Return: this host takes packets for the VIP and answers the client itself.
#   backend web1, address fd09::21
#   farm signalling6: VIP fd09::101, sctp, port 2905
#   farm web6: VIP fd09::100, tcp, port 80,443
# Run against a model of a Windows server and compared with the documentation of Microsoft, not run on Windows itself yet:
# begin with -Mode Check, which changes nothing.
# Open Windows PowerShell as administrator in the folder of this file (FILE is its name) and run
#   powershell.exe -NoProfile -ExecutionPolicy Bypass -File .\FILE -Mode Check
# then the same with -Mode Apply; -Mode Undo puts everything back. Without -Mode it says more.
# A file that was downloaded with a browser may have to be released first: Unblock-File .\FILE
# Nothing runs before the last lines, so half a download does nothing.
#Requires -Version 5.1
[CmdletBinding()]
param(
    [string]$Mode = '',
    [switch]$Json,
    [string]$Report = '',
    [switch]$UseBuiltinLoopback
)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$PSDefaultParameterValues = @{ '*:ErrorAction' = 'Stop'; '*:Confirm' = $false }
$ProgressPreference = 'SilentlyContinue'

$Rip = 'fd09::21'
$Key = 'fd09--21'
$Family = 'IPv6'
$Prefix = '128'
$Vips = @(
    'fd09::101',
    'fd09::100'
)
$Services = @(
    'fd09::101/sctp/2905',
    'fd09::100/tcp/80,443'
)
$Appliances = @(
    'fd09::10'
)

$AdapterName = 'Tangent-DSR'
$StateKey = 'HKLM:\SOFTWARE\tangent-backend'
$RuleGroup = "Tangent DSR $Key"
$State = @{}
$Builtin = $false

function Show-Usage {
    Write-Output 'Usage: powershell.exe -NoProfile -ExecutionPolicy Bypass -File FILE -Mode Apply|Check|Undo [options]'
    Write-Output '  -Mode Apply          prepare this machine; running it again changes nothing'
    Write-Output '  -Mode Check          look only: is everything as it must be?'
    Write-Output '  -Mode Undo           put everything back as it was before the first Apply'
    Write-Output '  -Json                with Check: print the report that the console reads'
    Write-Output '  -Report URL          with Apply or Check: check, and send the report to the console'
    Write-Output '  -UseBuiltinLoopback  put the VIP on Loopback Pseudo-Interface 1, without creating an adapter'
    Write-Output 'Exit status: 0 ok, 1 failed or a check failed, 2 wrong usage or not administrator, 3 refused, nothing was changed.'
}

function Stop-Usage([string]$Reason) {
    [Console]::Error.WriteLine($Reason)
    exit 2
}

function Stop-Refused([string]$Reason) {
    [Console]::Error.WriteLine("refused, nothing was changed: $Reason")
    exit 3
}

function Stop-Failed([string]$Reason) {
    [Console]::Error.WriteLine("failed: $Reason")
    exit 1
}

function Test-Administrator {
    $me = New-Object Security.Principal.WindowsPrincipal([Security.Principal.WindowsIdentity]::GetCurrent())
    $me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
}

function Assert-Host {
    $version = $PSVersionTable.PSVersion
    if ($version.Major -lt 5 -or ($version.Major -eq 5 -and $version.Minor -lt 1)) {
        Stop-Refused "this is PowerShell $version; install Windows Management Framework 5.1, or use the script for cmd"
    }
    if ($env:OS -ne 'Windows_NT') { Stop-Refused 'this script is for Windows' }
}

function Assert-Administrator {
    if (-not (Test-Administrator)) { Stop-Usage 'Run this in PowerShell as administrator: adapters and addresses belong to administrators.' }
    if ([Environment]::Is64BitOperatingSystem -and -not [Environment]::Is64BitProcess) {
        Stop-Refused 'this is a 32-bit PowerShell, and devices need the 64-bit one: open Windows PowerShell, not Windows PowerShell (x86)'
    }
}

function Read-State {
    $script:State = @{}
    if (-not (Test-Path -Path $StateKey)) { return }
    $values = Get-ItemProperty -Path $StateKey
    if (-not $values) { return }
    foreach ($property in $values.PSObject.Properties) {
        if ($property.Name -notlike 'PS*') { $script:State[$property.Name] = [string]$property.Value }
    }
}

# Every record is written before the change that it describes, so that a run that was cut off can be completed and undone.
function Set-Record([string]$Name, [string]$Value) {
    if ($State.ContainsKey($Name) -and $State[$Name] -eq $Value) { return }
    if (-not (Test-Path -Path $StateKey)) { New-Item -Path $StateKey | Out-Null }
    New-ItemProperty -Path $StateKey -Name $Name -Value $Value -PropertyType String -Force | Out-Null
    $script:State[$Name] = $Value
}

function Remove-Record([string]$Name) {
    if (-not $State.ContainsKey($Name)) { return }
    Remove-ItemProperty -Path $StateKey -Name $Name
    $script:State.Remove($Name)
    Remove-EmptyState
}

function Remove-EmptyState {
    if ($State.Count -eq 0 -and (Test-Path -Path $StateKey)) { Remove-Item -Path $StateKey }
}

function Find-Records([string]$Beginning) {
    $State.Keys | Where-Object { $_ -like "$Beginning*" } | Sort-Object
}

# The real interface, found by the address of this backend and never by a name. Nothing when it is not there exactly once.
function Find-Nic {
    $places = @(Get-NetIPAddress -IPAddress $Rip -ErrorAction SilentlyContinue)
    if ($places.Count -ne 1) { return }
    $adapter = Get-NetAdapter -InterfaceIndex $places[0].InterfaceIndex -ErrorAction SilentlyContinue
    if ($adapter) { New-Object PSObject -Property @{ Id = $adapter.InterfaceGuid; Index = $adapter.InterfaceIndex; Name = $adapter.Name } }
}

function Get-Places([string]$Vip) {
    Get-NetIPAddress -IPAddress $Vip -ErrorAction SilentlyContinue
}

function Get-IpInterface([int]$Index) {
    Get-NetIPInterface -InterfaceIndex $Index -AddressFamily $Family -ErrorAction SilentlyContinue
}

# One setting of an IP interface as a word; empty when there is no such interface.
function Get-Setting([int]$Index, [string]$Name) {
    $interface = Get-IpInterface $Index
    if ($interface) { "$($interface.$Name)" } else { '' }
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

    const int RegisterDevice = 0x19, Remove = 0x05, GenerateId = 1, HardwareId = 1, RemoveGlobal = 1, NonInteractive = 4;
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
            if (!UpdateDriverForPlugAndPlayDevices(IntPtr.Zero, Model, inf, NonInteractive, out reboot))
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
    if (-not ('TangentLoopback' -as [type])) { Add-Type -TypeDefinition $SetupSource }
}

function Show-ManualSteps {
    Write-Output 'Create the adapter by hand, then run this script again:'
    Write-Output '  1. Run hdwwiz.exe as administrator: install the hardware manually, class Network adapters,'
    Write-Output '     manufacturer Microsoft, model Microsoft KM-TEST Loopback Adapter.'
    Write-Output '  2. Open ncpa.cpl and rename the new connection to Tangent-DSR.'
    Write-Output 'Or run it with -UseBuiltinLoopback, which needs no adapter.'
}

function Get-LoopbackAdapters {
    Get-NetAdapter | Where-Object { $_.ComponentID -eq '*msloop' }
}

function Get-AdapterById([string]$Id) {
    Get-NetAdapter | Where-Object { $_.InterfaceGuid -eq $Id }
}

# Where the VIPs are or will be: what this script used before, else the adapter that a script of this kind made, else the one with its name.
function Find-Loopback {
    if ($Builtin) { return New-Object PSObject -Property @{ Id = 'builtin'; Index = 1; Name = 'Loopback Pseudo-Interface 1'; Status = 'Up' } }
    $adapter = $null
    foreach ($name in @("loopback $Key", 'adapter')) {
        if (-not $adapter -and $State.ContainsKey($name)) { $adapter = Get-AdapterById ($State[$name].Split(' ')[0]) }
    }
    if (-not $adapter) { $adapter = Get-NetAdapter -Name $AdapterName -ErrorAction SilentlyContinue }
    if ($adapter) { New-Object PSObject -Property @{ Id = $adapter.InterfaceGuid; Index = $adapter.InterfaceIndex; Name = $adapter.Name; Status = "$($adapter.Status)" } }
}

# Adapters that appeared since "creating" was written: this script made them, even when it was cut off before it could say so.
function Get-NewLoopbacks {
    $before = $State['creating'].Split(' ')
    Get-LoopbackAdapters | Where-Object { $before -notcontains $_.InterfaceGuid }
}

# An adapter whose creation was cut off gets its driver with the next one; then there is one too many.
function Save-NewLoopback {
    $new = @(Get-NewLoopbacks)
    foreach ($extra in @($new | Select-Object -Skip 1)) { [TangentLoopback]::Delete($extra.PnPDeviceID) }
    if ($new.Count -gt 0) { Set-Record 'adapter' "$($new[0].InterfaceGuid) $($new[0].PnPDeviceID)" }
}

function Add-Loopback {
    if (-not $State.ContainsKey('creating')) {
        Set-Record 'creating' (@(Get-LoopbackAdapters | ForEach-Object { $_.InterfaceGuid }) -join ' ')
    }
    try {
        Use-SetupApi
        if (@(Get-NewLoopbacks).Count -eq 0) { [TangentLoopback]::Create((Join-Path $env:windir 'inf\netloop.inf')) }
    } catch {
        $reason = $_.Exception.Message
        Remove-Record 'creating'
        Show-ManualSteps
        Stop-Refused "the loopback adapter could not be created: $reason"
    }
    for ($second = 0; $second -lt 30 -and @(Get-NewLoopbacks).Count -eq 0; $second++) { Start-Sleep -Seconds 1 }
    if (@(Get-NewLoopbacks).Count -eq 0) {
        Show-ManualSteps
        Stop-Failed 'the new loopback adapter did not appear within 30 seconds; run -Mode Apply again, which finds it when it is late'
    }
    Save-NewLoopback
    Find-Loopback | Where-Object { $_.Name -ne $AdapterName } | ForEach-Object { Rename-NetAdapter -Name $_.Name -NewName $AdapterName }
    Remove-Record 'creating'
    Write-Output "done: loopback adapter $AdapterName created. It holds the VIP, and Windows never answers for it on the real network."
}

function Wait-IpInterface([int]$Index) {
    for ($second = 0; $second -lt 30; $second++) {
        if (Get-IpInterface $Index) { return }
        Start-Sleep -Seconds 1
    }
    Stop-Failed "the loopback adapter has no $Family after 30 seconds; is $Family switched off on it?"
}

# Uninstalls the adapter that a script of this kind created; one that somebody else made stays.
function Remove-Loopback {
    $id, $device = $State['adapter'].Split(' ')
    if (Get-AdapterById $id) {
        try {
            Use-SetupApi
            [TangentLoopback]::Delete($device)
        } catch {
            Stop-Failed "the adapter $AdapterName could not be removed ($($_.Exception.Message)); uninstall it in the Device Manager, then run -Mode Undo again"
        }
        Write-Output "done: the adapter $AdapterName removed; this script had created it."
    }
    foreach ($name in @(Find-Records "setting $id ")) { Remove-Record $name }
    Remove-Record 'adapter'
}

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
}

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
}

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
}

function Test-Applied {
    $names = @('creating', "nic $Key", "loopback $Key", "dhcp $Key") + @(Find-Records "vip $Key ")
    @($names | Where-Object { $State.ContainsKey($_) }).Count -gt 0 -or (Test-OrphanAdapter) -or @(Get-Rules).Count -gt 0
}

function Test-OrphanAdapter {
    $State.ContainsKey('adapter') -and (Test-OwnAdapter ($State['adapter'].Split(' ')[0]))
}

# An adapter whose creation was cut off is ours as well.
function Complete-Loopback {
    if ($State.ContainsKey('creating')) {
        Use-SetupApi
        Save-NewLoopback
        Remove-Record 'creating'
    }
    if (Test-OrphanAdapter) { Remove-Loopback }
}

function Invoke-Undo {
    if (-not (Test-Applied)) {
        Remove-EmptyState
        Write-Output 'kept: nothing of this script is left here, so nothing is to be undone.'
        return
    }
    Remove-Rules
    $loopback = Find-Loopback
    $index = 0
    if ($loopback) { $index = $loopback.Index }
    foreach ($name in @(Find-Records "vip $Key ")) { Remove-Vip ($name.Split(' ')[2]) $index 'This host no longer takes packets for it.' }
    Remove-Role 'nic'
    Remove-Role 'loopback'
    Complete-Loopback
    Remove-Record "dhcp $Key"
    Write-Output 'done: this machine is as it was before the first Apply.'
}

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
}

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
}

$Sentences = @{
    'administrator warn' = 'This check does not run as administrator, so Windows may hide something from it.'
    'administrator fix' = 'Run it again in PowerShell as administrator.'
    'address ok' = '{subject} is an address of this machine.'
    'address fail' = '{subject} is on {found} of this machine: this script is for the backend that has it once.'
    'address fix' = 'Take the script of the backend with an address of this machine.'
    'dhcp ok' = 'DHCP of {subject} is as it was before the first Apply.'
    'dhcp fail' = 'DHCP of {subject} was on before the first Apply and is off now: adding an address to an interface switches it off.'
    'dhcp fix' = 'Remove that address, then switch DHCP on again in the settings of this interface.'
    'adapter ok' = 'The loopback adapter {subject} is here and up; it holds the VIP.'
    'adapter fail' = 'The loopback adapter {subject} is {found}, so no VIP is in use.'
    'adapter fix' = 'Run this script with -Mode Apply; if the adapter is disabled, enable it first.'
    'vip-on-loopback ok' = '{subject} is on the loopback interface, so this host takes the packets that the appliance passes on.'
    'vip-on-loopback fail' = '{subject} is not on the loopback interface, so packets for it are dropped.'
    'vip-on-loopback fix' = 'Run this script with -Mode Apply.'
    'vip-forwarded fail' = '{subject} is not on the loopback interface while {found} forwards packets: those for it go round and round between here and the appliance.'
    'vip-forwarded fix' = 'Run this script with -Mode Apply at once; forwarding may stay on.'
    'vip-elsewhere fail' = '{subject} is on {found}: there this host answers for the VIP and takes the clients from the appliance.'
    'vip-elsewhere fix' = 'Remove it there: Remove-NetIPAddress -IPAddress {subject} -InterfaceIndex and the number of that interface.'
    'vip-wide fail' = '{subject} is on the loopback interface with {found}: every prefix but that of one address takes the whole network away from this host.'
    'vip-wide fix' = 'Remove it: Remove-NetIPAddress -IPAddress {subject} - then run this script with -Mode Apply.'
    'vip-state ok' = '{subject} is in use: its state is {found}.'
    'vip-state fail' = '{subject} is not in use: its state is {found}.'
    'vip-state fix' = 'Run this script with -Mode Apply, which switches the probes for duplicates off.'
    'vip-source ok' = '{subject} is never the source of own connections.'
    'vip-source fail' = '{subject} can be the source of own connections, whose replies would go to another backend.'
    'vip-source fix' = 'Remove it: Remove-NetIPAddress -IPAddress {subject} - then run this script with -Mode Apply.'
    'persistence ok' = '{subject} is on the loopback interface after a reboot as well.'
    'persistence warn' = '{subject} is gone after a reboot: it is not in the persistent store.'
    'persistence fix' = 'Remove it: Remove-NetIPAddress -IPAddress {subject} - then run this script with -Mode Apply.'
    'weak-host-receive ok' = 'Weak host receive of {subject} is {found}: packets may come in through one interface for an address of another.'
    'weak-host-receive fail' = 'Weak host receive of {subject} is {found}; it must be Enabled, or Windows drops the packets for the VIP.'
    'weak-host-receive fix' = 'Run this script with -Mode Apply.'
    'weak-host-send ok' = 'Weak host send of {subject} is {found}: replies from the VIP leave through the real interface.'
    'weak-host-send fail' = 'Weak host send of {subject} is {found}; it must be Enabled, or replies from the VIP do not leave.'
    'weak-host-send fix' = 'Run this script with -Mode Apply.'
    'binding ok' = 'The Windows component {subject} is off on the loopback adapter, so it offers nothing under the VIP.'
    'binding warn' = 'The Windows component {subject} is not off on the loopback adapter, so it is offered under the VIP.'
    'binding fix' = 'Run this script with -Mode Apply.'
    'dns-registration ok' = '{subject} does not register its addresses in DNS.'
    'dns-registration warn' = '{subject} registers its addresses in DNS, so others may find this host under the VIP.'
    'dns-registration fix' = 'Run this script with -Mode Apply.'
    'firewall ok' = 'The Windows firewall lets {subject} in.'
    'firewall fail' = 'The rule of the Windows firewall for {subject} does not work: {found}.'
    'firewall warn' = 'The Windows firewall could not be looked at for {subject}: {found}.'
    'firewall fix' = 'Run this script with -Mode Apply as administrator.'
    'firewall-block fail' = 'A rule of the Windows firewall blocks {subject}, and such a rule beats all that allow: {found}.'
    'firewall-block warn' = 'A rule of the Windows firewall blocks {subject} for some clients, programs or networks: {found}.'
    'firewall-block fix' = 'Look at this rule in wf.msc (or the group policy) and disable it when it is wrong.'
    'firewall-policy warn' = 'In the profile {subject} of the Windows firewall {found}, so the rules of this script do not count there.'
    'firewall-policy fix' = 'Allow the services of the VIP in the group policy, when this machine is in that profile.'
    'listener ok' = '{subject}: an application listens.'
    'listener fail' = '{subject}: no application listens, so clients are refused.'
    'listener warn' = '{subject}: nobody can tell from here whether an application listens: {found}.'
    'listener fix' = 'The application must listen on that port of the VIP or of every address; ports are not translated. This shows who listens: netstat -ano'
    'listener-elsewhere fail' = '{subject}: the application listens on {found} alone, so clients of the VIP are refused.'
    'listener-elsewhere fix' = 'Let it listen on the VIP or on every address, and restart it.'
    'gateway ok' = 'The default gateway {subject} is not the appliance, so replies go past it.'
    'gateway fail' = 'The default gateway {subject} is {found}, which drops replies from the VIP.'
    'gateway warn' = 'There is no default route, so only clients of the own networks get replies.'
    'gateway fix' = 'Make the router of this network the default gateway, not the appliance.'
}

function Get-Sentence([string]$Name, $Item) {
    if ($Sentences.ContainsKey($Name)) { $Sentences[$Name].Replace('{subject}', $Item.Subject).Replace('{found}', $Item.Found) }
}

function Show-Findings {
    foreach ($item in $Findings) {
        $words = Get-Sentence "$($item.Code) $($item.Verdict)" $item
        $fix = Get-Sentence "$($item.Code) fix" $item
        switch ($item.Verdict) {
            'ok' { Write-Output "ok    $words" }
            'fail' { Write-Output "FAIL  $words" }
            'warn' { Write-Output "note  $words" }
        }
        if ($fix -and $item.Verdict -ne 'ok') { Write-Output "      fix: $fix" }
    }
}

function Get-List($Texts) {
    @($Texts | ForEach-Object { '"' + $_ + '"' }) -join ",`n"
}

# The report, one item per line, so that it can be copied out of a terminal. No text in it has a character that JSON would escape.
function Get-Report {
    $now = [DateTime]::UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", [Globalization.CultureInfo]::InvariantCulture)
    $items = @($Findings | ForEach-Object { '{"code":"' + $_.Code + '","subject":"' + $_.Subject + '","verdict":"' + $_.Verdict + '","found":"' + $_.Found + '"}' }) -join ",`n"
    $lines = @(
        ('{"format":"tangent-backend-check","version":1,"system":"windows-powershell","backend":"' + $Rip + '","checkedAt":"' + $now + '",'),
        ('"vips":[' + (Get-List $Vips) + '],'),
        ('"services":[' + (Get-List $Services) + '],'),
        '"items":[',
        $items,
        ']}'
    )
    $lines -join "`n"
}

# Sends the report; says why it did not arrive, or nothing.
function Send-Report([string]$Text) {
    try {
        if ($PSVersionTable.PSVersion.Major -lt 6) {
            [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
        }
        Invoke-WebRequest -UseBasicParsing -Uri $Report -Method Post -ContentType 'application/json' -Body $Text -TimeoutSec 30 | Out-Null
    } catch {
        $_.Exception.Message
    }
}

function Invoke-Check {
    Test-All
    if ($Json) { Get-Report } else { Show-Findings }
    $reason = ''
    if ($Report) {
        $reason = Send-Report (Get-Report)
        if ($reason) { [Console]::Error.WriteLine("not reported: $(Get-Plain $reason 200)") }
        elseif (-not $Json) { Write-Output 'reported' }
    }
    if ($reason -or @($Findings | Where-Object { $_.Verdict -eq 'fail' }).Count -gt 0) { exit 1 }
}

function Invoke-Mode {
    if (@('Apply', 'Check', 'Undo') -notcontains $Mode) {
        Show-Usage
        exit 2
    }
    if ($Json -and $Mode -ne 'Check') { Stop-Usage '-Json belongs to -Mode Check.' }
    if ($Report -and $Mode -eq 'Undo') { Stop-Usage '-Report belongs to -Mode Apply and -Mode Check.' }
    if ($Report -and $Report -cnotmatch '^https?://[A-Za-z0-9.:\[\]/_-]+\z') { Stop-Usage 'The URL after -Report has a character that no URL of the console has.' }
    Assert-Host
    if ($Mode -ne 'Check') { Assert-Administrator }
    Read-State
    $script:Builtin = [bool]$UseBuiltinLoopback
    if ($State.ContainsKey("loopback $Key")) { $script:Builtin = $State["loopback $Key"].StartsWith('builtin ') }
    if ($Mode -eq 'Apply') { Invoke-Apply }
    if ($Mode -eq 'Undo') { Invoke-Undo }
    if ($Mode -eq 'Check' -or $Report) { Invoke-Check }
}

try {
    Invoke-Mode
} catch {
    [Console]::Error.WriteLine("failed: $($_.Exception.Message) (line $($_.InvocationInfo.ScriptLineNumber))")
    if ($Mode -ne 'Check') { [Console]::Error.WriteLine('Run -Mode Apply again to complete it, or -Mode Undo to take back what was done.') }
    exit 1
}
exit 0
