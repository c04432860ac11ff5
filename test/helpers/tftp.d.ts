/** The part of the npm package tftp (0.1.2) that tests use as a peer. */
declare module 'tftp' {
  import type { Readable, Writable } from 'node:stream';

  export interface ClientOptions {
    readonly host: string;
    readonly port: number;
    readonly blockSize?: number;
    readonly windowSize?: number;
    readonly retries?: number;
    /** Milliseconds. */
    readonly timeout?: number;
  }
  interface Client {
    createGetStream(remote: string): Readable;
    createPutStream(remote: string, options: { readonly size: number }): Writable;
  }
  export function createClient(options: ClientOptions): Client;
}
