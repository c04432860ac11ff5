import type { Cause } from './types.js';

/** Causes on the links execute and deliver: the transfer itself did not happen as planned. */
export const executionCauses = {
  'not-run': {
    title: 'The execution did not run',
    link: 'execute',
    legs: [],
    meaning:
      'The journal holds no start of this execution: the run ended before its turn. Nothing about it can be judged.',
    remedy: '# run the plan again\ndyetrace run',
  },
  'run-interrupted': {
    title: 'The run was interrupted during the execution',
    link: 'execute',
    legs: [],
    meaning:
      'The journal holds the start of this execution but not its end. What telemetry shows is kept; no verdict is given.',
    remedy: '# undo what the run left, then run the plan again\ndyetrace cleanup RUN\ndyetrace run',
  },
  'executor-failed': {
    title: 'The host could not be reached or prepared',
    link: 'execute',
    legs: [],
    meaning:
      'Connecting, staging or running failed on our side of the host. That says nothing about detection.',
    remedy: '# names the host, the prerequisite and what is wrong with it\ndyetrace doctor',
  },
  'command-timed-out': {
    title: 'The command did not end in its time',
    link: 'execute',
    legs: [],
    meaning:
      'The command was ended by the runner, or the session was lost, and no record says that something blocked it. Without such evidence it is an error of the tool, not a prevention.',
    remedy: '# in the scenario: give the step more time\ntimeout: 5 min',
  },
  'command-failed': {
    title: 'The command failed before anything was sent',
    link: 'execute',
    legs: [],
    meaning:
      'A step ended with an exit code other than 0, no sink has a receipt, and no record says that something blocked it.',
    remedy: '# checks the prerequisites of every scenario on {host}\ndyetrace doctor',
  },
  'blocked-by-defender': {
    title: 'Microsoft Defender stopped it',
    link: 'execute',
    legs: [],
    meaning:
      'Defender events 1116 or 1117 name this execution and no complete receipt exists. This is a prevention, not a detection.',
    remedy:
      '# PowerShell, on {host}, as administrator: only if the transfer itself is to be tested\nAdd-MpPreference -ExclusionPath "C:\\Dyetrace"',
  },
  'transfer-failed': {
    title: 'The tracer did not arrive',
    link: 'deliver',
    legs: [],
    meaning:
      'The command ran, but no sink has a complete receipt, and no record says that something blocked it.',
    remedy: '# PowerShell, on {host}: can the sink be reached?\nTest-NetConnection {sink} -Port {port}',
  },
  'transfer-altered': {
    title: 'What arrived is not the tracer',
    link: 'deliver',
    legs: [],
    meaning:
      'The receipt is complete but its SHA-256 or size is not the planned one: something on the way changed the content.',
    remedy:
      '# look for a proxy or a content filter between {host} and {sink}, or for text mode (FTP TYPE A, tftp without -i)\ntracert {sink}',
  },
  'sink-refused': {
    title: 'The sink refused the transfer',
    link: 'deliver',
    legs: [],
    meaning: "The sink's own policy turned the client away, in the protocol's own way. Counted as blocked.",
    remedy:
      '# lab.yaml: the sink takes only what the plan names, from hosts in scope\nscope:\n  sinks:\n    - { address: {sink}, ports: [{port}] }',
  },
  'blocked-by-firewall': {
    title: 'A firewall or proxy stopped it',
    link: 'deliver',
    legs: [],
    meaning:
      'Security 5157, or a deny of a firewall or proxy, names this connection and no complete receipt exists. This is a prevention, not a detection.',
    remedy:
      '# cmd.exe, on {host}, as administrator: only if the transfer itself is to be tested\nnetsh advfirewall firewall add rule name="Dyetrace" dir=in action=allow remoteip={sink}',
  },
} as const satisfies Record<string, Cause>;
