import { block } from '../node.ts'

/**
 * What stands before every value: parameters, and how errors end the script. `#Requires` is obeyed only when the file runs as a file,
 * so `Assert-Host` looks again (about_Requires). `-Mode` is no mandatory parameter with a list of values: a wrong one must exit with 2.
 * NetTCPIP, NetAdapter, NetSecurity and DnsClient are modules, which do not see the preferences of a script; default parameters reach
 * them (about_Preference_Variables, about_Parameters_Default_Values). So every error stops the script, and nothing asks back.
 */
export const parameters = block`
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
$ProgressPreference = 'SilentlyContinue'`

/**
 * Usage, refusals, and the state. The state is in the registry and not in a file: any user may write below %ProgramData%, but only
 * administrators below HKLM:\SOFTWARE, and each record is written whole or not at all. Records are a name and a text:
 * `vip KEY ADDRESS`, `nic KEY` and `loopback KEY` = `INTERFACE FAMILY`, `setting INTERFACE FAMILY NAME` = its former value,
 * `dhcp KEY`, `adapter` = `INTERFACE DEVICE`, `creating` = the loopback adapters that were there before. INTERFACE is a GUID or `builtin`.
 */
export const begin = block`
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
}`
