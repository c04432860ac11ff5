import { InputError, waitFor, type Endpoint } from '../../core/index.js';
import { bindAddress } from '../bind.js';
import { refuser } from '../gate.js';
import { receiptBook, type ReceiptBook } from '../receipt-book.js';
import type { Sink, SinkOptions } from '../types.js';
import { openFront } from './front.js';
import { endLeftServer } from './left-server.js';
import { findSamba } from './programs.js';
import { checkSambaName } from './samba-config.js';
import { startSamba, type SambaServer } from './samba-server.js';
import { settler } from './settle.js';
import { openShare } from './share.js';
import { makeStateDirectory } from './state-directory.js';
import { tracker } from './tracker.js';
import { unprivilegedUser } from './unix-user.js';

export interface SmbSink extends Sink {
  /** Process id of smbd between start and stop, for the run's journal. */
  readonly serverPid: number | undefined;
}

const endTimeoutMs = 5000;
const defaultGraceMs = 150;

/** 127.64.0.1, 127.64.0.2, …: a source address of its own for each connection, by which smbd's log names it. */
function loopbackSources(): () => string {
  let counter = 0;
  return () => {
    counter = (counter % 0xfffe) + 1;
    return `127.64.${counter >> 8}.${counter & 255}`;
  };
}

function checkOptions(options: SinkOptions): SinkOptions {
  checkSambaName('share', options.share);
  checkSambaName('account', options.account.user);
  if (!/^\P{Cc}+$/u.test(options.account.password)) {
    throw new InputError({
      code: 'smb-password-invalid',
      message: 'the password of the SMB account is empty or has control characters',
      remedy: 'choose another password in lab.yaml',
    });
  }
  return { ...options, address: bindAddress(options.id, options.address) };
}

interface Running {
  readonly at: Endpoint;
  readonly server: SambaServer;
  stop(): Promise<void>;
}

async function start(given: SinkOptions, book: ReceiptBook, graceMs: number): Promise<Running> {
  const options = checkOptions(given);
  const programs = findSamba();
  const unixUser = await unprivilegedUser();
  const teardown: (() => Promise<unknown>)[] = [() => endLeftServer(options.directory)];
  const undo = async () => {
    const failures: unknown[] = [];
    for (const step of teardown.splice(0).reverse()) {
      await step().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  };
  try {
    const paths = await makeStateDirectory(options.directory);
    const share = await openShare(paths, options.expected, unixUser.gid);
    // Only Linux answers to the whole of 127.0.0.0/8 without set-up.
    const sources = process.platform === 'linux' ? loopbackSources() : undefined;
    const server = await startSamba(
      programs,
      {
        paths,
        share: options.share,
        unixUser: unixUser.name,
        encrypt: options.encrypt === 'required',
        frontAddresses: sources === undefined ? '127.0.0.1' : '127.64.0.0/255.255.0.0',
      },
      options.account,
      options.directory,
    );
    teardown.push(() => server.stop());
    let port = options.port;
    const at = (): Endpoint => ({ ip: options.address, port });
    const refuse = refuser(options, 'smb');
    const settle = settler(options, share, book, at, refuse);
    const track = tracker({ options, share, settler: settle, logs: paths.logs, refuse, graceMs });
    const front = await openFront(
      {
        options,
        clock: options.clock,
        serverPort: server.port,
        ...(sources === undefined ? {} : { sources }),
      },
      track,
    );
    port = front.port;
    teardown.push(async () => {
      const closed = front.close();
      track.endAll('the sink was stopped');
      await waitFor(() => track.open === 0, { timeoutMs: endTimeoutMs });
      await closed;
      await settle.settled();
    });
    return { at: at(), server, stop: undo };
  } catch (error) {
    // The first error is the one to tell of.
    await undo().catch(() => undefined);
    throw error;
  }
}

/**
 * A sink for SMB 2.1 to 3.1.1: a private Samba on loopback, behind a metering TCP front of ours on the sink's address. Needs root
 * and Samba. All handles of a planned file closed for a short while end the connection: then its counts are final, and the next
 * transfer gets a connection of its own.
 * @param tuning graceMs is that while in milliseconds: a client that makes its next CREATE within it keeps its connection
 */
export function smbSink(options: SinkOptions, tuning: { readonly graceMs?: number } = {}): SmbSink {
  const book = receiptBook(options.onReceipt);
  let running: Promise<Running> | undefined;
  let stopping: Promise<void> | undefined;
  let pid: number | undefined;
  let port = options.port;
  return {
    protocol: 'smb',
    get serverPid() {
      return pid;
    },
    async start() {
      running ??= start(options, book, tuning.graceMs ?? defaultGraceMs);
      const { at, server } = await running;
      pid = server.pid;
      port = at.port;
      return at;
    },
    stop() {
      stopping ??= (async () => {
        const started = await running?.catch(() => undefined);
        try {
          await started?.stop();
        } finally {
          pid = undefined;
          book.close();
        }
      })();
      return stopping;
    },
    receipts: () => book.receipts(),
    describe: () => ({
      id: options.id,
      software: 'Samba behind a metering front',
      address: options.address,
      port,
    }),
  };
}
