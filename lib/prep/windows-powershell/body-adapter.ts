import { block } from '../node.ts'

/**
 * Creates and removes the KM-TEST loopback adapter through SetupAPI, the way devcon does it; no download is needed. The device is
 * registered with the hardware id of netloop.inf, then UpdateDriverForPlugAndPlayDevices gives it its driver: without
 * INSTALLFLAG_FORCE (1), which would install all other adapters of this kind anew, and with INSTALLFLAG_NONINTERACTIVE (4), so that
 * it fails instead of waiting behind a window that nobody sees (newdev.h, setupapi.h). Adapters of this kind are known by their
 * ComponentID (class MSFT_NetAdapter), because their description is translated.
 */
export const adapter = block`
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
}`
