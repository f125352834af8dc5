import { block } from '../node.ts'

/** Creates and removes the KM-TEST loopback adapter through SetupAPI, the way devcon does it; no download is needed. */
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
}`
