@echo off
rem Prepares a Windows backend for Direct Server Return: this host takes packets for the VIP and answers the client itself.
rem   backend web1, address 10.9.0.21
rem   farm dns: VIP 10.9.0.101, tcp, port 53
rem   farm dns: VIP 10.9.0.101, udp, port 53
rem   farm dns: VIP 10.9.0.101, sctp, port 53
rem   farm dns: VIP 10.9.0.102, tcp, port 53
rem   farm dns: VIP 10.9.0.102, udp, port 53
rem   farm dns: VIP 10.9.0.102, sctp, port 53
rem   farm web: VIP 10.9.0.100, tcp, port 80,443
rem   farm web: VIP 10.9.0.101, tcp, port 80,443
rem   farm web: VIP 192.0.2.7, tcp, port 80,443
rem Run it without arguments to see how. Exit status: 0 ok, 1 failed, 2 wrong usage or not administrator, 3 refused.

setlocal EnableExtensions DisableDelayedExpansion
set "RIP=10.9.0.21"
set "FAMILY=IPv4"
set "PREFIX=32"
set "VIPS=10.9.0.101 10.9.0.102 10.9.0.100 192.0.2.7"
set "MODE=%~1"
set "NIC=%~2"
set "LOOP=%~3"
goto main

:usage
echo Usage: FILE apply "NIC" "LOOPBACK"     prepare this machine; running it again changes nothing
echo        FILE check "NIC" "LOOPBACK"     look only
echo        FILE undo  "NIC" "LOOPBACK"     take everything back
echo NIC is the interface that has the address %RIP%, LOOPBACK the KM-TEST loopback adapter.
echo "netsh interface show interface" lists the names. To create the loopback adapter, run hdwwiz.exe:
echo manual installation, Network adapters, Microsoft, Microsoft KM-TEST Loopback Adapter
echo or, on old systems, Microsoft Loopback Adapter.
exit /b 2

:not_administrator
echo Run this in a command prompt as administrator: interfaces and addresses belong to administrators.
exit /b 2

:inspect
netsh interface %FAMILY% show interface "%NIC%" >nul 2>&1
if errorlevel 1 goto no_nic
netsh interface %FAMILY% show interface "%LOOP%" >nul 2>&1
if errorlevel 1 goto no_loopback
call :present "%NIC%" %RIP%
if errorlevel 1 goto wrong_nic
for %%V in (%VIPS%) do (
  call :present "%NIC%" %%V
  if not errorlevel 1 (
    echo refused, nothing was changed: %%V is on "%NIC%", where this host answers for it. Remove it there first.
    exit /b 3
  )
)
exit /b 0

:no_nic
echo refused, nothing was changed: there is no interface "%NIC%" with %FAMILY%.
exit /b 3

:no_loopback
echo refused, nothing was changed: there is no interface "%LOOP%" with %FAMILY%. Run this file without arguments to see how to create it.
exit /b 3

:wrong_nic
echo refused, nothing was changed: "%NIC%" does not have the address %RIP%, for which this file was made.
exit /b 3

rem Labels in the output of netsh are translated, addresses are not. The characters around keep 10.0.0.1 apart from 10.0.0.11.
:present
netsh interface %FAMILY% show addresses "%~1" | findstr /i /r /c:"[^0-9a-f.:]%2[^0-9a-f.:]" /c:"[^0-9a-f.:]%2$" >nul
exit /b %errorlevel%

:add
call :present "%LOOP%" %1
if not errorlevel 1 (
  echo kept: %1 is on "%LOOP%", so this host takes the packets that the appliance passes on.
  exit /b 0
)
if "%PREFIX%"=="128" (
  netsh interface IPv6 add address interface="%LOOP%" address=%1/128 store=persistent skipassource=true >nul
) else (
  netsh interface IPv4 add address name="%LOOP%" address=%1 mask=255.255.255.255 store=persistent skipassource=true >nul
)
if errorlevel 1 (
  echo failed: %1 could not be added to "%LOOP%".
  exit /b 1
)
echo done: %1/%PREFIX% added to "%LOOP%", so this host takes the packets that the appliance passes on.
exit /b 0

:remove
call :present "%LOOP%" %1
if errorlevel 1 (
  echo kept: %1 is not on "%LOOP%".
  exit /b 0
)
if "%PREFIX%"=="128" (
  netsh interface IPv6 delete address interface="%LOOP%" address=%1 >nul
) else (
  netsh interface IPv4 delete address name="%LOOP%" address=%1 >nul
)
if errorlevel 1 (
  echo failed: %1 could not be removed from "%LOOP%".
  exit /b 1
)
echo done: %1 removed from "%LOOP%", so this host no longer takes packets for it.
exit /b 0

:set
netsh interface %FAMILY% set interface "%~1" %2=%3 >nul
if errorlevel 1 (
  echo failed: %2=%3 could not be set on "%~1".
  exit /b 1
)
echo done: %2=%3 on "%~1". %~4
exit /b 0

:apply
call :set "%NIC%" weakhostreceive enabled "It takes packets for an address of another interface."
if errorlevel 1 exit /b 1
call :set "%LOOP%" weakhostreceive enabled "The VIP takes packets that came in through the real interface."
if errorlevel 1 exit /b 1
call :set "%LOOP%" weakhostsend enabled "Replies of the VIP leave through the real interface."
if errorlevel 1 exit /b 1
call :set "%LOOP%" metric 254 "Routes of the real interface are preferred."
if errorlevel 1 exit /b 1
for %%V in (%VIPS%) do (
  call :add %%V
  if errorlevel 1 exit /b 1
)
echo next: the application must listen on the VIP or on every address, and the Windows firewall must let the port of the VIP in.
exit /b 0

:check
set "FAILED=0"
for %%V in (%VIPS%) do (
  call :present "%LOOP%" %%V
  if errorlevel 1 (
    echo FAIL  %%V is not on "%LOOP%", so packets for it are dropped. Run apply.
    set "FAILED=1"
  ) else (
    echo ok    %%V is on "%LOOP%".
  )
)
echo look  Windows translates the next two tables: weak host receives must be on in both, weak host sends in the second.
netsh interface %FAMILY% show interface "%NIC%"
netsh interface %FAMILY% show interface "%LOOP%"
exit /b %FAILED%

:undo
for %%V in (%VIPS%) do (
  call :remove %%V
  if errorlevel 1 exit /b 1
)
call :set "%LOOP%" weakhostsend disabled "This is the default of Windows."
if errorlevel 1 exit /b 1
call :set "%LOOP%" weakhostreceive disabled "This is the default of Windows."
if errorlevel 1 exit /b 1
call :set "%NIC%" weakhostreceive disabled "This is the default of Windows."
if errorlevel 1 exit /b 1
echo note: the adapter "%LOOP%" is still there, because this script did not create it.
exit /b 0

:main
if "%LOOP%"=="" goto usage
if /i "%MODE%"=="apply" goto known
if /i "%MODE%"=="check" goto known
if /i "%MODE%"=="undo" goto known
goto usage

:known
if /i "%MODE%"=="check" goto ready
fltmc >nul 2>&1
if errorlevel 1 goto not_administrator

:ready
call :inspect
if errorlevel 1 exit /b 3
if /i "%MODE%"=="apply" goto apply
if /i "%MODE%"=="undo" goto undo
goto check
