import { block } from '../node.ts'

/** What all modes share: what netsh shows of the machine, and the refusals. Addresses and names are the same in every language, labels are not. */
export const inspect = block`
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
exit /b 0`
