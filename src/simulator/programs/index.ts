import { registry } from '../../core/index.js';
import type { Program } from '../host/types.js';
import { cmd } from './cmd.js';
import { curl } from './curl.js';
import { findstr } from './findstr.js';
import { ftp } from './ftp.js';
import { net } from './net.js';
import { netsh } from './netsh.js';
import { ping } from './ping.js';
import { powershell } from './powershell.js';
import { reg } from './reg.js';
import { robocopy } from './robocopy.js';
import { rundll32 } from './rundll32.js';
import { sc } from './sc.js';
import { taskkill } from './taskkill.js';
import { tasklist } from './tasklist.js';
import { tftp } from './tftp.js';
import { timeout } from './timeout.js';
import { wevtutil } from './wevtutil.js';
import { where } from './where.js';
import { whoami } from './whoami.js';

const all = {
  cmd,
  curl,
  findstr,
  ftp,
  net,
  netsh,
  ping,
  powershell,
  reg,
  robocopy,
  rundll32,
  sc,
  taskkill,
  tasklist,
  tftp,
  timeout,
  wevtutil,
  where,
  whoami,
} satisfies Record<string, Program>;

/** The programs of the simulated host, by the name of their file in this folder. */
export const programs = registry<keyof typeof all, Program>('simulated program', all);
