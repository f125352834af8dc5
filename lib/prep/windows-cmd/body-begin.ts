import { block } from '../node.ts'

export const begin = block`
setlocal EnableExtensions DisableDelayedExpansion`

/** Arguments. The label "main" is at the end of the file, so that half a download finds no label and stops. */
export const start = block`
set "MODE=%~1"
set "NIC=%~2"
set "LOOP=%~3"
set "STATE=HKEY_LOCAL_MACHINE\SOFTWARE\tangent-backend-cmd"
set "RULE=Tangent DSR %KEY%"
goto main

:usage
echo Usage: FILE check "NIC" "LOOPBACK"     look only; begin with this
echo        FILE apply "NIC" "LOOPBACK"     prepare this machine; running it again changes nothing
echo        FILE undo  "NIC" "LOOPBACK"     take everything back
echo NIC is the interface that has the address %RIP%, LOOPBACK the KM-TEST loopback adapter.
echo "netsh interface show interface" lists the names. To create the loopback adapter, run hdwwiz.exe:
echo manual installation, Network adapters, Microsoft, Microsoft KM-TEST Loopback Adapter
echo or, on old systems, Microsoft Loopback Adapter.
echo Exit status: 0 ok, 1 failed or a check failed, 2 wrong usage or not administrator, 3 refused, nothing was changed.
exit /b 2`
