/** The part of the npm package tftp (0.1.2) that tests use as a peer. */
declare module 'tftp' {
  import type { Duplex } from 'node:stream';

  interface ClientOptions {
    readonly host: string;
    readonly port: number;
    readonly blockSize?: number;
    readonly windowSize?: number;
    readonly retries?: number;
    /** Milliseconds. */
    readonly timeout?: number;
  }
  interface Client {
    createGetStream(remote: string): Duplex;
    createPutStream(remote: string, options: { readonly size: number }): Duplex;
  }
  export function createClient(options: ClientOptions): Client;
}
