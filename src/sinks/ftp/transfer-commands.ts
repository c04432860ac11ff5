import { baseName } from '../expectations.js';
import { printable } from '../gate.js';
import { downloadMeter, uploadMeter } from '../content-meter.js';
import { turnAway } from './log.js';
import { transfer } from './transfer.js';
import type { Answer, FtpSession, Handler } from './types.js';

/** Turns a transfer away before any data moves. */
function turnTransferAway(
  session: FtpSession,
  command: string,
  argument: string,
  code: number,
  reason: string,
): Answer {
  session.channel?.close();
  session.channel = null;
  const name = printable(argument);
  return turnAway(
    session,
    {
      action: command === 'RETR' ? 'read' : 'write',
      command,
      code,
      ...(name === '' ? {} : { file: { name } }),
    },
    `${command} ${name}`.trim(),
    reason,
  );
}

function upload(command: 'STOR' | 'APPE') {
  return (session: FtpSession, argument: string): Answer | Promise<Answer> => {
    if (session.channel === null) return [425, 'Use PASV, EPSV, PORT or EPRT first'];
    const admission = session.server.expected.admit('upload', argument);
    if (!('expected' in admission))
      return turnTransferAway(session, command, argument, 553, admission.reason);
    const fileName = baseName(argument);
    return transfer(session, {
      command,
      fileName,
      meter: uploadMeter([admission.expected], session.server.options.clock),
      served: null,
      opening: `Ready to receive ${fileName}`,
    });
  };
}

/** RFC 1123 §4.1.2.9: the 150 reply of STOU names the file. Which execution it is, only the header tells. */
function uploadUnique(session: FtpSession): Answer | Promise<Answer> {
  if (session.channel === null) return [425, 'Use PASV, EPSV, PORT or EPRT first'];
  const { expected, options } = session.server;
  const candidates = expected.serverNamed();
  if (candidates.length === 0) {
    return turnTransferAway(
      session,
      'STOU',
      '',
      553,
      'the plan names no upload whose name the server chooses',
    );
  }
  const fileName = `stou${session.client.port}-${session.receipts.length + 1}.dat`;
  return transfer(session, {
    command: 'STOU',
    fileName,
    meter: uploadMeter(candidates, options.clock, (one) => expected.count(one)),
    served: null,
    opening: `FILE: ${fileName}`,
  });
}

function download(session: FtpSession, argument: string): Answer | Promise<Answer> {
  if (session.channel === null) return [425, 'Use PASV, EPSV, PORT or EPRT first'];
  const { expected, options } = session.server;
  const admission = expected.admit('download', argument);
  if (!('expected' in admission)) return turnTransferAway(session, 'RETR', argument, 550, admission.reason);
  const fileName = baseName(argument);
  return transfer(session, {
    command: 'RETR',
    fileName,
    meter: downloadMeter(admission.expected, options.clock),
    served: admission.expected,
    // Clients read the size in this form (curl, WinINet).
    opening: `Opening data connection for ${fileName} (${admission.expected.size} bytes)`,
  });
}

/** An empty directory: nothing is stored here. Listings are no transfers and have no receipt. */
async function list(session: FtpSession): Promise<Answer> {
  const { channel } = session;
  if (channel === null) return [425, 'Use PASV, EPSV, PORT or EPRT first'];
  session.reply(150, 'Here is the listing');
  const controller = new AbortController();
  session.abortTransfer = (reason) => controller.abort(new Error(reason));
  const opened = await channel.open(controller.signal).then(
    ({ socket }) => socket,
    () => null,
  );
  session.abortTransfer = null;
  opened?.destroySoon();
  session.channel = null;
  channel.close();
  return opened === null ? [425, 'No data connection'] : [226, 'End of listing'];
}

/** STOR, STOU, APPE, RETR, and the empty listings. */
export const transferCommands: Readonly<Record<string, Handler>> = {
  STOR: upload('STOR'),
  APPE: upload('APPE'),
  STOU: uploadUnique,
  RETR: download,
  LIST: list,
  NLST: list,
  MLSD: list,
};
