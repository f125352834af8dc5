import { block } from '../node.ts'

/** Check, and the start. Listening sockets are known by their other end, because the word for their state is translated. */
export const check = block`
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
goto undo`
