/** A commented lab.yaml. It is valid as it stands, and its scope allows nothing. */
export function labTemplate(): string {
  return `# yaml-language-server: $schema=https://raw.githubusercontent.com/dyetrace/dyetrace/main/docs/schemas/lab.schema.json
# The lab: hosts, sinks, SIEM, scope, authorisation. Unknown keys are errors.

lab:
  name: my-lab # the marker file on each host must hold the line: dyetrace-lab: my-lab
  contact: blue-team@lab.example # stands in every tracer

authorisation:
  by: Jane Doe, head of security operations
  until: 2030-01-01T00:00:00Z # after this nothing runs
  reference: TICKET-1

# Default-deny: what is not named here is never touched. Empty lists allow nothing.
scope:
  hosts: [] # ids of hosts, for example [ws01]
  sinks: [] # for example [{ address: 10.0.0.5, ports: [21, 69, 445] }]
  protocols: [] # of ftp, smb, tftp
  maxTotalBytes: 1 GiB
  maxFileBytes: 100 MiB
  # window: { from: "08:00", until: "18:00" } # UTC

hosts:
  - id: ws01
    name: WS01 # as its telemetry says it
    aliases: [WS01.lab.example]
    address: 10.0.0.21 # a name is resolved once, before planning
    role: workstation
    shell: cmd # DefaultShell of its OpenSSH server: cmd or powershell
    executor:
      kind: ssh
      user: dyetrace
      # dyetrace doctor --show-host-key shows it; compare it with the host's own (ssh-keygen -lf) before you write it here
      hostKey: SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
      key: file:dyetrace-key # secrets stand in the environment (env:NAME) or in a file (file:PATH), never here

sinks:
  - { id: ftp, protocol: ftp, address: 10.0.0.5, port: 21, zone: internet }
  - { id: smb, protocol: smb, address: 10.0.0.5, port: 445, zone: partner }
  - { id: tftp, protocol: tftp, address: 10.0.0.5, port: 69, zone: internet }

siem:
  # Export what the SIEM has of the run (telemetry and alerts, any format that dyetrace hunt reads) into this folder while the
  # run waits for it, or judge later: dyetrace verify RUN --telemetry FOLDER
  kind: files
  folder: siem-export

# Every parameter of the analytic has a default with its reason; see the README.
# parameters:
#   largeTransferBytes: 10 MiB
#   dataFlowDirectionThreshold: 0.9

# approvedTransfers:
#   - { id: backup, owner: ops, protocol: smb, destination: 10.0.0.7, process: robocopy.exe }

# incidentRules:
#   - { category: data exfiltration to the internet, zone: internet }
`;
}
