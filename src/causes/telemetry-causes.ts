import type { Cause } from './types.js';

const endpoint = ['process_creation', 'network_connection'] as const;
const network = ['protocol_log', 'flow_volume', 'gateway_log'] as const;
const all = [...endpoint, ...network] as const;

/** Causes on the links sense and ship: the record was not made, or did not travel. */
export const telemetryCauses = {
  'process-creation-not-logged': {
    title: 'Process creation is not logged',
    link: 'sense',
    legs: ['process_creation'],
    meaning:
      "The host's own channels were read and hold no process creation (Sysmon 1, Security 4688) for this command.",
    remedy: `<!-- Sysmon configuration (sysmon64 -c FILE): log these initiators and their children -->
<RuleGroup name="Dyetrace process creation" groupRelation="or">
  <ProcessCreate onmatch="include">
    <OriginalFileName condition="is">PowerShell.EXE</OriginalFileName>
    <OriginalFileName condition="is">Cmd.Exe</OriginalFileName>
    <OriginalFileName condition="is">RUNDLL32.EXE</OriginalFileName>
    <ParentImage condition="end with">\\powershell.exe</ParentImage>
    <ParentImage condition="end with">\\cmd.exe</ParentImage>
    <ParentImage condition="end with">\\rundll32.exe</ParentImage>
  </ProcessCreate>
</RuleGroup>
REM or, by Windows itself (cmd.exe, as administrator, on {host})
auditpol /set /subcategory:"Process Creation" /success:enable`,
  },
  'command-line-not-logged': {
    title: 'The command line is not logged',
    link: 'sense',
    legs: ['process_creation'],
    meaning:
      'A process creation was logged without its command line (Security 4688 leaves it out unless a policy asks for it), so a transfer by System (SMB) cannot be tied to the process.',
    remedy: `REM Policy: Computer Configuration > Administrative Templates > System > Audit Process Creation > Include command line in process creation events
REM the same by registry (cmd.exe, as administrator, on {host})
reg add HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\Policies\\System\\Audit /v ProcessCreationIncludeCmdLine_Enabled /t REG_DWORD /d 1 /f`,
  },
  'network-connection-not-logged': {
    title: 'Network connections are not logged',
    link: 'sense',
    legs: ['network_connection'],
    meaning:
      "The host's own channels were read and hold no connection event (Sysmon 3, else Security 5156) for a socket that the sink saw.",
    remedy: `<!-- Sysmon configuration (sysmon64 -c FILE) -->
<RuleGroup name="Dyetrace file transfer" groupRelation="or">
  <NetworkConnect onmatch="include">
    <DestinationPort condition="is">21</DestinationPort>
    <DestinationPort condition="is">69</DestinationPort>
    <DestinationPort condition="is">445</DestinationPort>
    <DestinationPort condition="is">{port}</DestinationPort>
    <Image condition="end with">\\powershell.exe</Image>
    <Image condition="end with">\\rundll32.exe</Image>
    <Image condition="end with">\\ftp.exe</Image>
    <Image condition="end with">\\tftp.exe</Image>
    <Image condition="end with">\\curl.exe</Image>
  </NetworkConnect>
</RuleGroup>
REM or, by Windows itself (cmd.exe, as administrator, on {host})
auditpol /set /subcategory:"Filtering Platform Connection" /success:enable`,
  },
  'sensor-silent': {
    title: 'The host sensor wrote nothing',
    link: 'sense',
    legs: endpoint,
    meaning:
      "Sysmon's channel was read and holds no record of this host in the whole window: the sensor is stopped or not installed.",
    remedy: 'REM cmd.exe, as administrator, on {host}\nsc query Sysmon64\nsc start Sysmon64\nsysmon64 -c',
  },
  'field-not-recorded': {
    title: 'The host does not record a field',
    link: 'sense',
    legs: endpoint,
    meaning:
      "The host's own record lacks a field that the analytic needs, so no mapping in the SIEM can bring it back.",
    remedy:
      'REM cmd.exe, as administrator, on {host}: an old schema leaves fields out\nsysmon64 -s\nsysmon64 -u\nsysmon64 -accepteula -i FILE',
  },
  'protocol-log-missing': {
    title: 'The network sensor logged no {protocol} transfer',
    link: 'sense',
    legs: ['protocol_log'],
    meaning:
      "Records of the same sensor arrived, so it lives and its way to the SIEM works, yet none of the protocol log describes this transfer: the log is off, the sensor does not see the path, or it does not take the traffic for this protocol. A forwarder that leaves out this one log would look the same; the sensor's own log folder tells.",
    remedy: `# Zeek, local.zeek
@load base/protocols/ftp
@load base/protocols/smb
@load policy/tuning/json-logs
redef SMB::logged_file_actions += { SMB::FILE_WRITE };
# where the sink listens on a port of its own
redef FTP::ports += { {port}/tcp };
# Suricata, suricata.yaml
app-layer:
  protocols:
    ftp: { enabled: yes }
    smb: { enabled: yes, detection-ports: { dp: "445, {port}" } }`,
  },
  'flow-log-missing': {
    title: 'The network sensor logged no flow',
    link: 'sense',
    legs: ['flow_volume'],
    meaning:
      "Records of the same sensor arrived, so it lives and its way to the SIEM works, yet no flow record has this 5-tuple: the flow log is off, or the sensor does not see the path between {host} and {sink}. A forwarder that leaves out this one log would look the same; the sensor's own log folder tells.",
    remedy:
      '# on the sensor: does the tap or mirror port carry this path?\ntcpdump -ni IFACE host {sink}\n# Zeek, node.cfg: name the interface that does\ninterface=IFACE',
  },
  'flow-incomplete': {
    title: 'The flow records do not cover the transfer',
    link: 'sense',
    legs: ['flow_volume'],
    meaning:
      'A socket that carried content has no flow record, or the records count far fewer bytes than the sink received: sampling, a long flow whose parts are missing, or an FTP data connection or TFTP transfer port that the sensor did not see.',
    remedy: `# NetFlow/IPFIX exporter: no sampling between lab and sink, short active timeout
sampler SAMPLER mode deterministic 1 out-of 1
cache timeout active 60
# Suricata, suricata.yaml: follow flows to their end
stream:
  reassembly: { depth: 0 }`,
  },
  'gateway-log-missing': {
    title: "The server's or gateway's log has no record",
    link: 'sense',
    legs: ['gateway_log'],
    meaning:
      'Records of this log arrived for other transfers, so the way to the SIEM works, yet none describes this one.',
    remedy: `# IIS FTP: %SystemRoot%\\System32\\inetsrv\\appcmd.exe
appcmd set config -section:system.applicationHost/sites -siteDefaults.ftpServer.logFile.enabled:true
# Samba, smb.conf
vfs objects = full_audit
full_audit:success = create_file close pwrite_send
full_audit:failure = none`,
  },
  'content-encrypted': {
    title: 'Encryption hides the file name',
    link: 'sense',
    legs: ['protocol_log'],
    meaning:
      'The sensor saw the session but its content is encrypted (FTPS, SMB 3): no file name can be had from the network here. Volume still counts.',
    remedy: `REM take the name from the host: Sysmon 11 and script blocks (PowerShell, as administrator, on {host})
reg add HKLM\\Software\\Policies\\Microsoft\\Windows\\PowerShell\\ScriptBlockLogging /v EnableScriptBlockLogging /t REG_DWORD /d 1 /f
REM or from the server that ends the encryption: its own log
auditpol /set /subcategory:"Detailed File Share" /success:enable`,
  },
  'sense-or-ship': {
    title: 'Not sensed or not shipped',
    link: 'sense',
    legs: all,
    meaning:
      'The SIEM holds no record and nothing tells whether one was made: the channels of the host were not read, or no record of this source arrived for any traffic.',
    remedy:
      '# let the run read the channels of the hosts (lab.yaml), so that the two can be told apart\ncollect:\n  hostChannels: true',
  },
  'host-log-unreadable': {
    title: "The host's own channel could not be read",
    link: 'sense',
    legs: endpoint,
    meaning: "Reading the host's channel failed, so what its sensor saw is unknown.",
    remedy:
      'REM cmd.exe, as administrator, on {host}: let the account of the run read event logs\nnet localgroup "Event Log Readers" ACCOUNT /add',
  },
  'forwarder-dropped': {
    title: 'The forwarder dropped the record',
    link: 'ship',
    legs: endpoint,
    meaning:
      'The host holds the record, later records of the same channel reached the SIEM, this one did not: a filter, a full queue or a rejected record.',
    remedy: `# Winlogbeat, winlogbeat.yml: no event_id filter and no drop_event processor may leave these out
winlogbeat.event_logs:
  - name: Microsoft-Windows-Sysmon/Operational
    event_id: 1, 3, 5, 11, 22
  - name: Security
    event_id: 4688, 4689, 5156, 5157
# how many records were dropped, and why
# PowerShell, on {host}
Get-Content "C:\\ProgramData\\winlogbeat\\Logs\\winlogbeat*" -Tail 200 | Select-String 'dropped|rejected|Cannot index'`,
  },
  'forwarder-late': {
    title: 'The forwarder is behind',
    link: 'ship',
    legs: endpoint,
    meaning:
      'The host holds the record, and the newest record of that channel in the SIEM is older than it: the forwarder had not come so far when we looked.',
    remedy:
      '# look again later: late telemetry counts\ndyetrace verify RUN\n# Winlogbeat, winlogbeat.yml\nqueue.mem:\n  events: 8192\n  flush.timeout: 1s',
  },
  'channel-not-forwarded': {
    title: 'The channel is not forwarded',
    link: 'ship',
    legs: endpoint,
    meaning:
      'The host holds the record, and the SIEM has nothing of that channel from this host in the whole window: not configured, the forwarder is stopped, or it is so far behind that nothing has come yet (dyetrace verify RUN looks again).',
    remedy: `# Winlogbeat, winlogbeat.yml
winlogbeat.event_logs:
  - name: Microsoft-Windows-Sysmon/Operational
  - name: Security
# PowerShell, on {host}
Get-Service winlogbeat | Start-Service`,
  },
  'siem-unreadable': {
    title: 'The SIEM could not be read',
    link: 'ship',
    legs: all,
    meaning: 'A query of the SIEM failed. What it holds is unknown, which is not the same as nothing.',
    remedy:
      '# checks the address, the account, the index and the mapping\ndyetrace doctor\n# then judge again\ndyetrace verify RUN',
  },
} as const satisfies Record<string, Cause>;
