# Runs a preparation script on the machine of machine.psm1, one case of windows-run.test.ts after the other, and prints JSON: for each case
# the steps' exit status, output and changes, and whether the machine is in the end as it was before the first step.
param([string]$CasesFile)
$ErrorActionPreference = 'Stop'
Import-Module (Join-Path $PSScriptRoot 'machine.psm1') -DisableNameChecking
Connect-SetupApi
$env:OS = 'Windows_NT'
$env:windir = '/windows'
$cases = Get-Content -Raw -LiteralPath $CasesFile | ConvertFrom-Json
$results = foreach ($case in $cases) {
    New-Machine $case.rip $case.prefix
    . ([scriptblock]::Create($case.before))
    $before = @(Get-Snapshot)
    $steps = foreach ($step in $case.steps) {
        $arguments = @{}
        foreach ($property in $step.arguments.PSObject.Properties) { $arguments[$property.Name] = $property.Value }
        . ([scriptblock]::Create($step.first))
        Set-Limit $step.limit
        $output = @(& $step.script @arguments) -join "`n"
        @{ status = $LASTEXITCODE; output = $output; changes = (Get-Changes) }
        Set-Limit -1
    }
    $after = @(Get-Snapshot)
    $left = @(Compare-Object -ReferenceObject $before -DifferenceObject $after | ForEach-Object { "$($_.SideIndicator) $($_.InputObject)" })
    @{ steps = @($steps); left = $left; reports = @((Get-Machine).Reports) }
}
ConvertTo-Json -InputObject @($results) -Depth 6 -Compress
exit 0
