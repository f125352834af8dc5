import { block } from '../node.ts'

/**
 * Apply and undo. The state is in the registry, where only administrators may write; any user may create files below %ProgramData%. Each
 * value is written before the change that it describes. %STATE%\KEY has the two names, `vip ADDRESS` and `rule SERVICE` for what this
 * script made; %STATE%\FAMILY NAME has the former settings of that interface and `user KEY` for every script that needs it.
 */
export const change = block`
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
exit /b 0`
