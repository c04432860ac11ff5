/** Windows 11 24H2 (Server 2025 is of the same build): the first whose SMB client takes another port than 445. */
export const windowsBuild = { build: 26100, revision: 4061 } as const;

/** `10.0.26100.4061` */
export const windowsVersion = `10.0.${windowsBuild.build}.${windowsBuild.revision}`;

/** Of Windows PowerShell, which goes with the system. */
export const powershellVersion = `5.1.${windowsBuild.build}.${windowsBuild.revision}`;

/** curl.exe that this build ships. */
export const curlVersion = '8.13.0';
