/** The ATT&CK objects that a run is about (ATT&CK 19.1, object version 1.0 of AN1169). */
export const attack = {
  version: '19',
  tactic: { id: 'TA0011', shortName: 'command-and-control', name: 'Command and Control' },
  technique: { id: 'T1071', name: 'Application Layer Protocol' },
  subTechnique: { id: 'T1071.002', name: 'File Transfer Protocols' },
  strategy: { id: 'DET0416', name: 'Detection of File Transfer Protocol-Based C2 (FTP, FTPS, SMB, TFTP)' },
  analytic: { id: 'AN1169' },
} as const;
