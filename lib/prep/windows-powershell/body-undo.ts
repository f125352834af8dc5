import { block } from '../node.ts'

/** `-Mode Undo`: the reverse of Apply. Each record goes after what it describes is undone, so that a run that was cut off can be repeated. */
export const undo = block`
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
}`
