@echo off
rem Prepares a Windows backend for Direct Server Return: this host takes packets for the VIP and answers the client itself.
rem   backend web1, address fd09::21
rem   farm signalling6: VIP fd09::101, sctp, port 2905
rem   farm web6: VIP fd09::100, tcp, port 80,443
rem Checked against the documentation of Microsoft, not run on Windows yet: begin with check, which changes nothing.
rem Run it in a command prompt as administrator; without arguments it shows how.
rem If Windows blocks the downloaded file: its Properties, Unblock.

setlocal EnableExtensions DisableDelayedExpansion
set "RIP=fd09::21"
set "KEY=fd09--21"
set "FAMILY=IPv6"
set "PREFIX=128"
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
exit /b 2

:each_vip
call %1 "fd09::101"
if errorlevel 1 exit /b 1
call %1 "fd09::100"
if errorlevel 1 exit /b 1
exit /b 0

:each_service
call %1 "fd09::101/sctp/2905"
if errorlevel 1 exit /b 1
call %1 "fd09::100/tcp/80,443"
if errorlevel 1 exit /b 1
exit /b 0

:not_administrator
echo Run this in a command prompt as administrator: interfaces and addresses belong to administrators.
exit /b 2

:inspect
if /i "%NIC%"=="%LOOP%" goto same_interface
netsh interface %FAMILY% show interfaces "%NIC%" >nul 2>&1
if errorlevel 1 goto no_nic
netsh interface %FAMILY% show interfaces "%LOOP%" >nul 2>&1
if errorlevel 1 goto no_loopback
call :saved nic
if defined SAVED if /i not "%SAVED%"=="%NIC%" goto other_interfaces
call :saved loop
if defined SAVED if /i not "%SAVED%"=="%LOOP%" goto other_interfaces
exit /b 0

:same_interface
echo refused, nothing was changed: NIC and LOOPBACK are the same interface.
exit /b 3

:no_nic
echo refused, nothing was changed: there is no interface "%NIC%" with %FAMILY%.
exit /b 3

:no_loopback
echo refused, nothing was changed: there is no interface "%LOOP%" with %FAMILY%. Run this file without arguments to see how to create it.
exit /b 3

:other_interfaces
echo refused, nothing was changed: this machine was prepared with "%SAVED%". Undo that first, with the names that were used.
exit /b 3

:inspect_apply
set "TARGET=%NIC%"
call :present %RIP%
if errorlevel 1 goto wrong_nic
call :each_vip :inspect_vip
if errorlevel 1 exit /b 3
exit /b 0

:wrong_nic
echo refused, nothing was changed: "%NIC%" does not have the address %RIP%, for which this file was made.
exit /b 3

:inspect_vip
set "TARGET=%NIC%"
call :present %~1
if not errorlevel 1 (
  echo refused, nothing was changed: %~1 is on "%NIC%", where this host answers for it. Remove it there first.
  exit /b 3
)
set "TARGET=%LOOP%"
call :present %~1
if errorlevel 1 exit /b 0
call :narrow %~1
if not errorlevel 1 exit /b 0
echo refused, nothing was changed: %~1 is on "%LOOP%", but not with /%PREFIX%: every other prefix takes a network away from this host. Remove it there first.
exit /b 3

rem The characters around an address keep 10.0.0.1 apart from 10.0.0.11.
:present
netsh interface %FAMILY% show addresses "%TARGET%" | findstr /i /r /c:"[^0-9a-f.:]%1[^0-9a-f.:]" /c:"[^0-9a-f.:]%1$" >nul
exit /b %errorlevel%

rem netsh shows the prefix of IPv4 addresses only.
:narrow
if "%FAMILY%"=="IPv6" exit /b 0
netsh interface %FAMILY% show addresses "%TARGET%" | findstr /r /c:"[^0-9.]%1/%PREFIX%[^0-9]" >nul
exit /b %errorlevel%

rem 0: on, 1: off, 2: this Windows is translated, so nobody can tell.
:weak
netsh interface %FAMILY% show interfaces "%TARGET%" | findstr /i /r /c:"Weak Host %1s *: enabled" >nul
if not errorlevel 1 exit /b 0
netsh interface %FAMILY% show interfaces "%TARGET%" | findstr /i /r /c:"Weak Host %1s *:" >nul
if not errorlevel 1 exit /b 1
exit /b 2

:allowed
netsh advfirewall firewall show rule name="%RULE% %~1" >nul 2>&1
exit /b %errorlevel%

:saved
set "SAVED="
for /f "tokens=2*" %%A in ('reg query "%STATE%\%KEY%" /v %1 2^>nul') do set "SAVED=%%B"
exit /b 0

:note
reg add "%STATE%\%KEY%" /v "%~1" /t REG_SZ /d made /f >nul
exit /b %errorlevel%

:forget
reg delete "%STATE%\%KEY%" /v "%~1" /f >nul 2>&1
exit /b 0

:use
reg add "%STATE%\%FAMILY% %TARGET%" /v "user %KEY%" /t REG_SZ /d made /f >nul
exit /b %errorlevel%

:enable
call :weak %1
set "WAS=%errorlevel%"
if "%WAS%"=="0" (
  echo kept: weakhost%1 is on for "%TARGET%". %~2
  exit /b 0
)
reg query "%STATE%\%FAMILY% %TARGET%" /v %1 >nul 2>&1
if errorlevel 1 reg add "%STATE%\%FAMILY% %TARGET%" /v %1 /t REG_SZ /d disabled /f >nul
netsh interface %FAMILY% set interface "%TARGET%" weakhost%1=enabled >nul
if errorlevel 1 (
  echo failed: weakhost%1 could not be switched on for "%TARGET%".
  exit /b 1
)
echo done: weakhost%1 switched on for "%TARGET%". %~2
exit /b 0

:add
set "TARGET=%LOOP%"
call :present %~1
if not errorlevel 1 (
  call :needed_by_others %~1
  if not errorlevel 1 call :note "vip %~1"
  echo kept: %~1 is on "%LOOP%", so this host takes the packets that the appliance passes on.
  exit /b 0
)
call :note "vip %~1"
if errorlevel 1 exit /b 1
if "%FAMILY%"=="IPv6" (
  netsh interface ipv6 add address interface="%LOOP%" address=%~1/128 store=persistent skipassource=true >nul
) else (
  netsh interface ipv4 add address name="%LOOP%" address=%~1 mask=255.255.255.255 store=persistent skipassource=true >nul
)
if errorlevel 1 (
  echo failed: %~1 could not be added to "%LOOP%".
  exit /b 1
)
echo done: %~1/%PREFIX% added to "%LOOP%", so this host takes the packets that the appliance passes on.
exit /b 0

:remove
set "TARGET=%LOOP%"
call :needed_by_others %~1
if not errorlevel 1 (
  echo kept: %~1, because another preparation script on this machine still needs it.
  goto removed
)
call :present %~1
if errorlevel 1 goto removed
if "%FAMILY%"=="IPv6" (
  netsh interface ipv6 delete address interface="%LOOP%" address=%~1 >nul
) else (
  netsh interface ipv4 delete address name="%LOOP%" address=%~1 >nul
)
if errorlevel 1 (
  echo failed: %~1 could not be removed from "%LOOP%".
  exit /b 1
)
echo done: %~1 removed from "%LOOP%", so this host no longer takes packets for it.
:removed
call :forget "vip %~1"
exit /b 0

:needed_by_others
set "NEEDED=1"
for /f "delims=" %%K in ('reg query "%STATE%" 2^>nul') do (
  if /i not "%%K"=="%STATE%\%KEY%" (
    reg query "%%K" /v "vip %1" >nul 2>&1
    if not errorlevel 1 set "NEEDED=0"
  )
)
exit /b %NEEDED%

:allow
call :allowed "%~1"
if not errorlevel 1 (
  echo kept: the Windows firewall lets %~1 in.
  exit /b 0
)
call :note "rule %~1"
call :add_rule "%~1"
if errorlevel 1 (
  call :forget "rule %~1"
  echo note: the Windows firewall took no rule for %~1. Windows Server 2008 knows no ranges of ports. Let it in by hand.
  exit /b 0
)
echo done: the Windows firewall lets %~1 in; the loopback adapter counts as a public network, where it would be blocked.
exit /b 0

:add_rule
for /f "tokens=1-3 delims=/" %%A in ("%~1") do (
  if "%%B"=="sctp" (
    netsh advfirewall firewall add rule name="%RULE% %~1" dir=in action=allow protocol=132 localip=%%A >nul
  ) else if "%%C"=="any" (
    netsh advfirewall firewall add rule name="%RULE% %~1" dir=in action=allow protocol=%%B localip=%%A >nul
  ) else (
    netsh advfirewall firewall add rule name="%RULE% %~1" dir=in action=allow protocol=%%B localip=%%A localport=%%C >nul
  )
)
exit /b %errorlevel%

:disallow
call :allowed "%~1"
if errorlevel 1 goto disallowed
netsh advfirewall firewall delete rule name="%RULE% %~1" >nul
if errorlevel 1 (
  echo failed: the rule of the Windows firewall for %~1 could not be removed.
  exit /b 1
)
echo done: the rule of the Windows firewall for %~1 removed.
:disallowed
call :forget "rule %~1"
exit /b 0

:is_wanted
if "%~1"=="%LOOKING%" set "WANTED=yes"
exit /b 0

:former_vip
set "LOOKING=%~1"
set "WANTED=no"
call :each_vip :is_wanted
if "%WANTED%"=="yes" exit /b 0
call :remove "%LOOKING%"
exit /b %errorlevel%

:former_rule
set "LOOKING=%~1"
set "WANTED=no"
call :each_service :is_wanted
if "%WANTED%"=="yes" exit /b 0
call :disallow "%LOOKING%"
exit /b %errorlevel%

:each_noted
set "RESULT=0"
for /f "tokens=2" %%V in ('reg query "%STATE%\%KEY%" 2^>nul ^| findstr /r /c:"^ *%2 "') do (
  call %1 "%%V"
  if errorlevel 1 set "RESULT=1"
)
exit /b %RESULT%

:apply
call :inspect_apply
if errorlevel 1 exit /b 3
reg add "%STATE%\%KEY%" /v nic /t REG_SZ /d "%NIC%" /f >nul
if errorlevel 1 exit /b 1
reg add "%STATE%\%KEY%" /v loop /t REG_SZ /d "%LOOP%" /f >nul
if errorlevel 1 exit /b 1
set "TARGET=%LOOP%"
call :use
call :enable receive "The VIP takes packets that came in through the real interface."
if errorlevel 1 exit /b 1
call :enable send "Replies of the VIP leave through the real interface."
if errorlevel 1 exit /b 1
set "TARGET=%NIC%"
call :use
call :enable receive "It takes packets for an address of another interface."
if errorlevel 1 exit /b 1
call :each_vip :add
if errorlevel 1 exit /b 1
call :each_noted :former_vip vip
if errorlevel 1 exit /b 1
call :each_service :allow
call :each_noted :former_rule rule
if errorlevel 1 exit /b 1
echo next: the application must listen on the VIP or on every address, with the port of the VIP. Windows keeps all this over a reboot.
exit /b 0

:undo
reg query "%STATE%\%KEY%" >nul 2>&1
if errorlevel 1 (
  echo kept: nothing of this script is left here, so nothing is to be undone.
  exit /b 0
)
call :each_noted :disallow rule
if errorlevel 1 exit /b 1
call :each_noted :remove vip
if errorlevel 1 exit /b 1
set "TARGET=%LOOP%"
call :release
if errorlevel 1 exit /b 1
set "TARGET=%NIC%"
call :release
if errorlevel 1 exit /b 1
reg delete "%STATE%\%KEY%" /f >nul
reg query "%STATE%" | findstr /r /c:"backend-cmd.." >nul
if errorlevel 1 reg delete "%STATE%" /f >nul
echo note: the adapter "%LOOP%" is still there, because this script did not create it.
echo done: this machine is as it was before the first apply.
exit /b 0

:release
reg delete "%STATE%\%FAMILY% %TARGET%" /v "user %KEY%" /f >nul 2>&1
reg query "%STATE%\%FAMILY% %TARGET%" 2>nul | findstr /r /c:"^ *user " >nul
if not errorlevel 1 (
  echo kept: the settings of "%TARGET%", because another preparation script on this machine still needs them.
  exit /b 0
)
call :restore receive
if errorlevel 1 exit /b 1
call :restore send
if errorlevel 1 exit /b 1
reg delete "%STATE%\%FAMILY% %TARGET%" /f >nul 2>&1
exit /b 0

:restore
reg query "%STATE%\%FAMILY% %TARGET%" /v %1 >nul 2>&1
if errorlevel 1 exit /b 0
netsh interface %FAMILY% set interface "%TARGET%" weakhost%1=disabled >nul
if errorlevel 1 (
  echo failed: weakhost%1 could not be switched off for "%TARGET%".
  exit /b 1
)
echo done: weakhost%1 switched off for "%TARGET%" again.
exit /b 0

:ok
echo ok    %~1
exit /b 0

:fail
echo FAIL  %~1
echo       fix: %~2
set "FAILED=1"
exit /b 0

:check
set "FAILED=0"
set "TARGET=%NIC%"
call :present %RIP%
if errorlevel 1 (
  call :fail "%RIP% is not on the interface that was named first." "Take the script of the backend with an address of this machine, and name its interface."
) else (
  call :ok "%RIP% is on the interface that was named first."
)
call :check_weak receive "Weak host receive of the real interface"
set "TARGET=%LOOP%"
call :check_weak receive "Weak host receive of the loopback adapter"
call :check_weak send "Weak host send of the loopback adapter"
call :each_vip :check_vip
call :each_service :check_rule
call :each_service :check_listeners
exit /b %FAILED%

:check_weak
call :weak %1
if errorlevel 2 goto check_table
if errorlevel 1 (
  call :fail "%~2 is off, so packets of the VIP are dropped." "Run apply."
) else (
  call :ok "%~2 is on."
)
exit /b 0

:check_table
echo look  %~2 must be on. This Windows is translated: look for it in this table.
netsh interface %FAMILY% show interfaces "%TARGET%"
exit /b 0

:check_vip
set "TARGET=%NIC%"
call :present %~1
if not errorlevel 1 call :fail "%~1 is on the real interface, where this host answers for it and takes the clients from the appliance." "Remove it there."
set "TARGET=%LOOP%"
call :present %~1
if errorlevel 1 (
  call :fail "%~1 is not on the loopback adapter, so packets for it are dropped." "Run apply."
  exit /b 0
)
call :narrow %~1
if errorlevel 1 (
  call :fail "%~1 is on the loopback adapter, but not with /%PREFIX%: every other prefix takes a network away from this host." "Remove it there, then run apply."
) else (
  call :ok "%~1 is on the loopback adapter, so this host takes the packets that the appliance passes on."
)
exit /b 0

:check_rule
call :allowed "%~1"
if errorlevel 1 (
  call :fail "The Windows firewall has no rule of this script for %~1." "Run apply, or let it in by hand."
) else (
  call :ok "The Windows firewall has a rule that lets %~1 in."
)
exit /b 0

:check_listeners
for /f "tokens=1-3 delims=/" %%A in ("%~1") do call :check_ports %%A %%B "%%C"
exit /b 0

:check_ports
set "PORTS=%~3"
for %%P in (%PORTS%) do call :check_listener %1 %2 %%P
exit /b 0

:check_listener
set "VIP=%1"
set "EVERY=0\.0\.0\.0"
set "PROTOCOL=%2"
if "%FAMILY%"=="IPv6" (
  set "VIP=\[%1\]"
  set "EVERY=\[::\]"
  set "PROTOCOL=%2v6"
)
set "OTHER=%EVERY%:0"
if "%2"=="udp" set "OTHER=\*:\*"
echo %2 %3| findstr /r /c:"sctp" /c:"any" /c:"-" >nul
if not errorlevel 1 (
  echo look  %1/%2/%3: this check cannot tell whether an application listens. netstat -ano shows who does.
  exit /b 0
)
netstat -an -p %PROTOCOL% | findstr /i /r /c:" %EVERY%:%3  *%OTHER%" /c:" %VIP%:%3  *%OTHER%" >nul
if not errorlevel 1 (
  call :ok "%1/%2/%3: an application listens."
  exit /b 0
)
netstat -an -p %PROTOCOL% | findstr /i /r /c:":%3  *%OTHER%" >nul
if not errorlevel 1 (
  call :fail "%1/%2/%3: the application listens on another address alone, so clients of the VIP are refused." "Let it listen on the VIP or on every address."
) else (
  call :fail "%1/%2/%3: no application listens, so clients are refused." "Start it on that port of the VIP or of every address; ports are not translated."
)
exit /b 0

:main
if "%LOOP%"=="" goto usage
if /i "%MODE%"=="apply" goto changes
if /i "%MODE%"=="undo" goto changes
if /i not "%MODE%"=="check" goto usage
call :inspect
if errorlevel 1 exit /b 3
goto check

:changes
fltmc >nul 2>&1
if errorlevel 1 goto not_administrator
call :inspect
if errorlevel 1 exit /b 3
if /i "%MODE%"=="apply" goto apply
goto undo
