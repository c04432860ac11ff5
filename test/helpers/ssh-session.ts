import ssh2, { type Client, type ClientChannel, type SFTPWrapper } from 'ssh2';

export interface Ran {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A plain client of ssh2's, for tests of a server: commands and files, no retries, no detection. */
export interface SshSession {
  run(command: string, stdin?: string): Promise<Ran>;
  /** Starts a command and leaves it running. */
  begin(command: string): Promise<ClientChannel>;
  sftp(): Promise<SFTPWrapper>;
  close(): Promise<void>;
}

function opened(client: Client, command: string, ready: (channel: ClientChannel) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error !== undefined) {
        reject(error);
        return;
      }
      // In this turn: the answer may already stand behind in what was received.
      ready(channel);
      resolve();
    });
  });
}

export async function sshSession(settings: {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly privateKey: string;
}): Promise<SshSession> {
  const client = new ssh2.Client();
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve).once('error', reject).connect(settings);
  });
  client.on('error', () => undefined);
  return {
    run: (command, stdin) =>
      new Promise((resolve, reject) => {
        opened(client, command, (channel) => {
          let [stdout, stderr] = ['', ''];
          let exitCode: number | null = null;
          let signal: string | null = null;
          channel
            .on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')))
            .on('exit', (code: number | null, name?: string) => {
              exitCode = code;
              signal = name ?? null;
            })
            .on('close', () => resolve({ exitCode, signal, stdout, stderr }));
          channel.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
          channel.end(stdin);
        }).catch(reject);
      }),
    begin: (command) =>
      new Promise((resolve, reject) => {
        opened(client, command, (channel) => {
          channel.resume();
          channel.stderr.resume();
          resolve(channel);
        }).catch(reject);
      }),
    sftp: () =>
      new Promise((resolve, reject) => {
        client.sftp((error, sftp) => {
          if (error === undefined) resolve(sftp);
          else reject(error);
        });
      }),
    close: () =>
      new Promise((resolve) => {
        client.once('close', resolve).end();
      }),
  };
}

/** Calls one function of an SFTP session. */
export function sftpCall<T>(act: (done: (error?: Error | null, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    act((error, value) => {
      if (error === undefined || error === null) resolve(value as T);
      else reject(error);
    });
  });
}
