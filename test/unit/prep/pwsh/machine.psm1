# A Windows machine for the preparation script: the commands of NetTCPIP, NetAdapter, NetSecurity, DnsClient and the registry over one
# small model. They are in a module because the real ones are: a module does not see the preferences of the script that calls it.
# Every change counts; after as many as Set-Limit says the machine takes no more, as if the script had been killed there.

$Machine = $null
$Changes = 0
$Limit = -1

function New-Interface([int]$Index, [string]$Family, [string]$WeakHostReceive, [string]$Metric) {
    @{ InterfaceIndex = $Index; AddressFamily = $Family; WeakHostReceive = $WeakHostReceive; WeakHostSend = 'Disabled'; DadTransmits = '3'; Dhcp = 'Enabled'; Forwarding = 'Disabled'; AutomaticMetric = 'Enabled'; InterfaceMetric = $Metric }
}

function New-Adapter([int]$Index, [string]$Name, [string]$ComponentID) {
    $guid = "{00000000-0000-0000-0000-0000000000$Index}"
    $script:Machine.Adapters += @{ InterfaceIndex = $Index; InterfaceGuid = $guid; Name = $Name; ComponentID = $ComponentID; PnPDeviceID = "ROOT\NET\00$Index"; Status = 'Up'; Bindings = @{ ms_server = $true; ms_msclient = $true; ms_tcpip = $true }; Dns = $true }
    foreach ($family in @('IPv4', 'IPv6')) { $script:Machine.Interfaces += (New-Interface $Index $family 'Disabled' '25') }
}

function New-Machine([string]$Rip, [int]$RipPrefix) {
    $script:Machine = @{
        Adapters = @(); Interfaces = @((New-Interface 1 'IPv4' 'Disabled' '75'), (New-Interface 1 'IPv6' 'Disabled' '75')); Addresses = @(); Rules = @(); Registry = @{}
        Sockets = @(); Gateway = '10.9.0.1'; FirewallRuns = $true; LocalRules = 'True'; ConsoleAnswers = $true; Reports = @(); Pending = $false
    }
    New-Adapter 12 'Ethernet [1]' 'pci\ven_8086'
    Add-Address $Rip 12 $RipPrefix
    $script:Changes = 0
    $script:Limit = -1
}

function Add-Address([string]$Address, [int]$Index, [int]$Length, [bool]$Skip = $false) {
    foreach ($store in @('ActiveStore', 'PersistentStore')) {
        $script:Machine.Addresses += @{ Store = $store; IPAddress = $Address; InterfaceIndex = $Index; PrefixLength = $Length; SkipAsSource = $Skip; AddressState = 'Preferred' }
    }
}

function Get-Machine { $script:Machine }
function Get-Changes { $script:Changes }
function Set-Limit([int]$Number) { $script:Changes = 0; $script:Limit = $Number }

# Everything that a script could leave behind, as text.
function Get-Snapshot {
    $lines = foreach ($kind in @('Adapters', 'Interfaces', 'Addresses', 'Rules')) {
        foreach ($item in $script:Machine[$kind]) {
            "$kind " + (@($item.Keys | Sort-Object | ForEach-Object {
                $value = $item[$_]
                if ($value -is [hashtable]) { $value = @($value.Keys | Sort-Object | ForEach-Object { "$_=$($value[$_])" }) -join ',' }
                "$_=$value"
            }) -join ' ')
        }
    }
    @($lines) + @($script:Machine.Registry.Keys | ForEach-Object { "Registry $_=$($script:Machine.Registry[$_])" }) | Sort-Object
}

function Step-Change {
    if ($script:Limit -ge 0 -and $script:Changes -ge $script:Limit) { throw 'the script was killed here' }
    $script:Changes++
}

function ConvertTo-Item($Table) { New-Object PSObject -Property $Table }

function Write-Missing($Cmdlet, [string]$What) {
    $Cmdlet.WriteError((New-Object Management.Automation.ErrorRecord (New-Object Exception "No $What was found."), 'CmdletizationQuery_NotFound', 'ObjectNotFound', $What))
}

function Get-NetIPAddress {
    [CmdletBinding()] param([string]$IPAddress, [int]$InterfaceIndex, [string]$PolicyStore = 'ActiveStore')
    $found = @($script:Machine.Addresses | Where-Object { $_.Store -eq $PolicyStore -and $_.IPAddress -eq $IPAddress -and (-not $InterfaceIndex -or $_.InterfaceIndex -eq $InterfaceIndex) })
    if ($found.Count -eq 0) { Write-Missing $PSCmdlet 'MSFT_NetIPAddress' }
    foreach ($address in $found) {
        $item = ConvertTo-Item $address
        Add-Member -InputObject $item -NotePropertyName InterfaceAlias -NotePropertyValue "interface $($address.InterfaceIndex)"
        $item
    }
}

function New-NetIPAddress {
    [CmdletBinding(SupportsShouldProcess)] param([int]$InterfaceIndex, [string]$IPAddress, [byte]$PrefixLength, [bool]$SkipAsSource)
    if (@($script:Machine.Addresses | Where-Object { $_.IPAddress -eq $IPAddress }).Count -gt 0) { throw 'Instance MSFT_NetIPAddress already exists' }
    Step-Change
    Add-Address $IPAddress $InterfaceIndex $PrefixLength $SkipAsSource
    $family = if ($IPAddress.Contains(':')) { 'IPv6' } else { 'IPv4' }
    @($script:Machine.Interfaces | Where-Object { $_.InterfaceIndex -eq $InterfaceIndex -and $_.AddressFamily -eq $family })[0].Dhcp = 'Disabled'
    Get-NetIPAddress -IPAddress $IPAddress
}

function Remove-NetIPAddress {
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')] param([string]$IPAddress, [int]$InterfaceIndex, [string]$PolicyStore)
    Step-Change
    $script:Machine.Addresses = @($script:Machine.Addresses | Where-Object { $_.IPAddress -ne $IPAddress -or $_.InterfaceIndex -ne $InterfaceIndex -or $_.Store -ne $PolicyStore })
}

function Get-NetIPInterface {
    [CmdletBinding()] param([int]$InterfaceIndex, [string]$AddressFamily)
    $found = @($script:Machine.Interfaces | Where-Object { $_.InterfaceIndex -eq $InterfaceIndex -and $_.AddressFamily -eq $AddressFamily })
    if ($found.Count -eq 0) { Write-Missing $PSCmdlet 'MSFT_NetIPInterface' }
    foreach ($interface in $found) { ConvertTo-Item $interface }
}

function Set-NetIPInterface {
    [CmdletBinding(SupportsShouldProcess)] param(
        [int]$InterfaceIndex, [string]$AddressFamily, [ValidateSet('Enabled', 'Disabled')][string]$WeakHostReceive, [ValidateSet('Enabled', 'Disabled')][string]$WeakHostSend,
        [uint32]$InterfaceMetric, [ValidateSet('Enabled', 'Disabled')][string]$AutomaticMetric, [uint32]$DadTransmits, [ValidateSet('Enabled', 'Disabled')][string]$Dhcp
    )
    $found = @($script:Machine.Interfaces | Where-Object { $_.InterfaceIndex -eq $InterfaceIndex -and $_.AddressFamily -eq $AddressFamily })
    if ($found.Count -ne 1) { Write-Missing $PSCmdlet 'MSFT_NetIPInterface'; return }
    Step-Change
    foreach ($name in @('WeakHostReceive', 'WeakHostSend', 'InterfaceMetric', 'AutomaticMetric', 'DadTransmits', 'Dhcp')) {
        if ($PSBoundParameters.ContainsKey($name)) { $found[0][$name] = [string]$PSBoundParameters[$name] }
    }
    if ($PSBoundParameters.ContainsKey('InterfaceMetric')) { $found[0].AutomaticMetric = 'Disabled' }
    if ($AutomaticMetric -eq 'Enabled') { $found[0].InterfaceMetric = '25' }
}

function Get-NetAdapter {
    [CmdletBinding()] param([string]$Name, [int]$InterfaceIndex)
    $found = @($script:Machine.Adapters | Where-Object { (-not $Name -or $_.Name -like $Name) -and (-not $InterfaceIndex -or $_.InterfaceIndex -eq $InterfaceIndex) })
    if ($found.Count -eq 0) { Write-Missing $PSCmdlet 'MSFT_NetAdapter' }
    foreach ($adapter in $found) { ConvertTo-Item $adapter }
}

function Rename-NetAdapter {
    [CmdletBinding(SupportsShouldProcess)] param([string]$Name, [string]$NewName)
    Step-Change
    @($script:Machine.Adapters | Where-Object { $_.Name -eq $Name })[0].Name = $NewName
}

function Get-NetAdapterBinding {
    [CmdletBinding()] param([string]$Name, [string[]]$ComponentID)
    foreach ($adapter in @($script:Machine.Adapters | Where-Object { $_.Name -like $Name })) {
        foreach ($id in $ComponentID) { ConvertTo-Item @{ InterfaceIndex = $adapter.InterfaceIndex; ComponentID = $id; Enabled = $adapter.Bindings[$id] } }
    }
}

function Set-Binding($Binding, [bool]$On) {
    Step-Change
    @($script:Machine.Adapters | Where-Object { $_.InterfaceIndex -eq $Binding.InterfaceIndex })[0].Bindings[$Binding.ComponentID] = $On
}

function Disable-NetAdapterBinding {
    [CmdletBinding(SupportsShouldProcess)] param([Parameter(ValueFromPipeline)]$InputObject)
    process { Set-Binding $InputObject $false }
}

function Enable-NetAdapterBinding {
    [CmdletBinding(SupportsShouldProcess)] param([Parameter(ValueFromPipeline)]$InputObject)
    process { Set-Binding $InputObject $true }
}

function Get-DnsClient {
    [CmdletBinding()] param([int]$InterfaceIndex)
    foreach ($adapter in @($script:Machine.Adapters | Where-Object { $_.InterfaceIndex -eq $InterfaceIndex })) { ConvertTo-Item @{ RegisterThisConnectionsAddress = $adapter.Dns } }
}

function Set-DnsClient {
    [CmdletBinding(SupportsShouldProcess)] param([int]$InterfaceIndex, [bool]$RegisterThisConnectionsAddress)
    Step-Change
    @($script:Machine.Adapters | Where-Object { $_.InterfaceIndex -eq $InterfaceIndex })[0].Dns = $RegisterThisConnectionsAddress
}

function Get-NetFirewallRule {
    [CmdletBinding()] param([string]$Group, [string]$PolicyStore, [string]$Direction, [string]$Action, [string]$Enabled)
    if (-not $script:Machine.FirewallRuns) { throw 'There are no more endpoints available from the endpoint mapper.' }
    $found = @($script:Machine.Rules | Where-Object {
        $PolicyStore -ne 'RSOP' -and (-not $Group -or $_.Group -eq $Group) -and (-not $Direction -or $_.Direction -eq $Direction) -and (-not $Action -or $_.Action -eq $Action) -and (-not $Enabled -or $_.Enabled -eq $Enabled)
    })
    if ($found.Count -eq 0) { Write-Missing $PSCmdlet 'MSFT_NetFirewallRule' }
    foreach ($rule in $found) { ConvertTo-Item $rule }
}

function New-NetFirewallRule {
    [CmdletBinding(SupportsShouldProcess)] param(
        [string]$DisplayName, [string]$Description, [string]$Group, [string]$Direction, [string]$Action, [string]$Profile,
        [string[]]$LocalAddress, [string]$Protocol, [string[]]$LocalPort = 'Any', [string[]]$RemoteAddress = 'Any', [string]$Program = 'Any'
    )
    Step-Change
    $script:Machine.Rules += @{
        DisplayName = $DisplayName; Description = $Description; Group = $Group; Direction = $Direction; Action = $Action; Profile = $Profile; Enabled = 'True'
        LocalAddress = $LocalAddress; Protocol = $Protocol; LocalPort = $LocalPort; RemoteAddress = $RemoteAddress; Program = $Program
    }
    Get-NetFirewallRule -Group $Group
}

function Remove-NetFirewallRule {
    [CmdletBinding(SupportsShouldProcess)] param([Parameter(ValueFromPipeline)]$InputObject)
    process {
        Step-Change
        $script:Machine.Rules = @($script:Machine.Rules | Where-Object { $_.Group -ne $InputObject.Group -or $_.Description -ne $InputObject.Description })
    }
}

function Get-NetFirewallPortFilter { [CmdletBinding()] param($AssociatedNetFirewallRule) $AssociatedNetFirewallRule }
function Get-NetFirewallAddressFilter { [CmdletBinding()] param($AssociatedNetFirewallRule) $AssociatedNetFirewallRule }
function Get-NetFirewallApplicationFilter { [CmdletBinding()] param($AssociatedNetFirewallRule) $AssociatedNetFirewallRule }
function Get-NetFirewallServiceFilter { [CmdletBinding()] param($AssociatedNetFirewallRule) ConvertTo-Item @{ Service = 'Any' } }

function Get-NetFirewallProfile {
    [CmdletBinding()] param([string]$PolicyStore)
    ConvertTo-Item @{ Name = 'Public'; Enabled = 'True'; AllowInboundRules = 'True'; AllowLocalFirewallRules = $script:Machine.LocalRules }
}

function Get-Sockets([string]$Protocol) { $script:Machine.Sockets | Where-Object { $_.Protocol -eq $Protocol } | ForEach-Object { ConvertTo-Item $_ } }
function Get-NetTCPConnection { [CmdletBinding()] param([string]$State) Get-Sockets 'tcp' }
function Get-NetUDPEndpoint { [CmdletBinding()] param() Get-Sockets 'udp' }

function Get-NetRoute {
    [CmdletBinding()] param([string]$DestinationPrefix)
    if ($script:Machine.Gateway) { ConvertTo-Item @{ NextHop = $script:Machine.Gateway } } else { Write-Missing $PSCmdlet 'MSFT_NetRoute' }
}

function Get-Service {
    [CmdletBinding()] param([string]$Name)
    ConvertTo-Item @{ Status = @{ $true = 'Running'; $false = 'Stopped' }[$script:Machine.FirewallRuns] }
}

function Start-Sleep {
    [CmdletBinding()] param([int]$Seconds)
    if ($script:Machine.Pending) { Add-PendingAdapter }
}

function Invoke-WebRequest {
    [CmdletBinding()] param([string]$Uri, [string]$Method, [string]$ContentType, [string]$Body, [int]$TimeoutSec, [switch]$UseBasicParsing)
    if (-not $script:Machine.ConsoleAnswers) { throw 'Response status code does not indicate success: 404 (Not Found).' }
    $script:Machine.Reports += "$Method $Uri $ContentType`n$Body"
}

# The registry: one key, as the script uses it.
function Test-Path { [CmdletBinding()] param([string]$Path) $script:Machine.Registry.ContainsKey($Path) }

function New-Item {
    [CmdletBinding(SupportsShouldProcess)] param([string]$Path)
    Step-Change
    $script:Machine.Registry[$Path] = ''
}

function New-ItemProperty {
    [CmdletBinding(SupportsShouldProcess)] param([string]$Path, [string]$Name, [string]$Value, [string]$PropertyType, [switch]$Force)
    if (-not $script:Machine.Registry.ContainsKey($Path)) { throw "There is no key $Path." }
    Step-Change
    $script:Machine.Registry["$Path | $Name"] = $Value
}

function Get-ItemProperty {
    [CmdletBinding()] param([string]$Path)
    $table = @{ PSPath = $Path }
    foreach ($name in @($script:Machine.Registry.Keys | Where-Object { $_.StartsWith("$Path | ") })) { $table[$name.Substring("$Path | ".Length)] = $script:Machine.Registry[$name] }
    if ($table.Count -gt 1) { ConvertTo-Item $table }
}

function Remove-ItemProperty {
    [CmdletBinding(SupportsShouldProcess)] param([string]$Path, [string]$Name)
    Step-Change
    $script:Machine.Registry.Remove("$Path | $Name")
}

function Remove-Item {
    [CmdletBinding(SupportsShouldProcess)] param([string]$Path)
    if (@($script:Machine.Registry.Keys | Where-Object { $_.StartsWith("$Path | ") }).Count -gt 0) { throw "The key $Path is not empty." }
    Step-Change
    $script:Machine.Registry.Remove($Path)
}

# What the script reaches through SetupAPI. A new adapter appears a moment later.
function Add-PendingAdapter {
    $script:Machine.Pending = $false
    New-Adapter 34 'Ethernet 2' '*msloop'
}

function Connect-SetupApi {
    if (-not ('TangentLoopback' -as [type])) {
        Add-Type -TypeDefinition @'
public static class TangentLoopback
{
    public static System.Action<string> OnCreate, OnDelete;
    public static void Create(string inf) { OnCreate(inf); }
    public static void Delete(string id) { OnDelete(id); }
}
'@
    }
    [TangentLoopback]::OnCreate = { Step-Change; $script:Machine.Pending = $true }
    [TangentLoopback]::OnDelete = {
        param($id)
        Step-Change
        $gone = @($script:Machine.Adapters | Where-Object { $_.PnPDeviceID -eq $id })[0].InterfaceIndex
        foreach ($kind in @('Adapters', 'Interfaces', 'Addresses')) { $script:Machine[$kind] = @($script:Machine[$kind] | Where-Object { $_.InterfaceIndex -ne $gone }) }
    }
}
