import { block } from '../node.ts'

/**
 * What a check prints, the report, and the modes. Nothing runs before the last line, so that half a download does nothing.
 * Invoke-WebRequest needs -UseBasicParsing in 5.1 where Internet Explorer was never started, and TLS 1.2 must be asked for there.
 */
export const main = block`
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
    @($Texts | ForEach-Object { '"' + $_ + '"' }) -join ",\`n"
}

# The report, one item per line, so that it can be copied out of a terminal. No text in it has a character that JSON would escape.
function Get-Report {
    $now = [DateTime]::UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", [Globalization.CultureInfo]::InvariantCulture)
    $items = @($Findings | ForEach-Object { '{"code":"' + $_.Code + '","subject":"' + $_.Subject + '","verdict":"' + $_.Verdict + '","found":"' + $_.Found + '"}' }) -join ",\`n"
    $lines = @(
        ('{"format":"tangent-backend-check","version":1,"system":"windows-powershell","backend":"' + $Rip + '","checkedAt":"' + $now + '",'),
        ('"vips":[' + (Get-List $Vips) + '],'),
        ('"services":[' + (Get-List $Services) + '],'),
        '"items":[',
        $items,
        ']}'
    )
    $lines -join "\`n"
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
exit 0`
