import { canonicalIp, InputError, LabError, messageOf, systemCode } from '../core/index.js';

/**
 * The address that a sink binds, in canonical form.
 * @throws InputError for what is no address, and for a wildcard: a sink listens on the lab's own address and nowhere else
 */
export function bindAddress(sink: string, address: string): string {
  const ip = canonicalIp(address);
  if (ip === undefined) {
    throw new InputError({
      code: 'sink-address-invalid',
      message: `sink ${sink}: "${address}" is no IP address`,
      remedy: 'give the lab address of the sink, for example 127.0.2.1',
    });
  }
  if (ip === '0.0.0.0' || ip === '::') {
    throw new InputError({
      code: 'sink-address-wildcard',
      message: `sink ${sink}: ${address} is a wildcard, which would listen outside the lab`,
      remedy: 'give one address of the lab, for example 127.0.2.1',
    });
  }
  return ip;
}

/** Why a sink could not bind, with what to do about it. `transport` is "TCP" or "UDP". */
export function bindFailure(
  error: unknown,
  at: { sink: string; transport: 'TCP' | 'UDP'; address: string; port: number },
): LabError {
  const place = `${at.transport} ${at.address}:${at.port}`;
  const details = (code: string, message: string, remedy: string) =>
    new LabError({ code, message: `sink ${at.sink}: ${message}`, remedy, cause: error });
  switch (systemCode(error)) {
    case 'EADDRINUSE':
      return details(
        'sink-port-in-use',
        `${place} is in use by another program`,
        `stop the program that listens on ${place}, or give the sink another port in lab.yaml`,
      );
    case 'EACCES':
    case 'EPERM':
      return details(
        'sink-port-not-permitted',
        `this user may not bind ${place}`,
        `run with the right to bind port ${at.port} of ${at.address} (root, or CAP_NET_BIND_SERVICE), or give the sink a port above 1023 in lab.yaml`,
      );
    case 'EADDRNOTAVAIL':
      return details(
        'sink-address-not-here',
        `${at.address} is not an address of this machine`,
        `add ${at.address} to an interface of this machine, or give the sink (port ${at.port}) an address that is there`,
      );
    default:
      return details(
        'sink-bind-failed',
        `cannot bind ${place}: ${messageOf(error)}`,
        `check that ${place} can be bound on this machine`,
      );
  }
}
