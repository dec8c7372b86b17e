# Copies the configuration file that lies beside this script to where the service reads it; -Remove takes it away.
param([switch]$Remove)

$ErrorActionPreference = 'Stop'
$folder = Join-Path $env:ProgramData 'MyApp'

if ($Remove) {
    if (Test-Path $folder) { Remove-Item -Recurse -Force $folder }
    exit 0
}

New-Item -ItemType Directory -Force -Path $folder | Out-Null
Copy-Item -Force -Path '.\MyAppInstaller.config' -Destination $folder
exit 0
