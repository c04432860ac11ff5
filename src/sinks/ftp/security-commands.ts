import type { Answer, FtpSession, Handler } from './types.js';

/** RFC 4217: TLS, and TLS-C as its other name; other mechanisms of RFC 2228 are not known. */
const mechanisms = ['TLS', 'TLS-C'];

function auth(session: FtpSession, argument: string): Answer {
  if (session.server.tls === null) return [502, 'No security mechanism here'];
  if (!mechanisms.includes(argument.toUpperCase())) return [504, 'Only AUTH TLS'];
  if (session.encrypted) return [503, 'Already encrypted'];
  session.secure(234, 'AUTH TLS successful');
  return null;
}

/** RFC 4217 8: only 0, since TLS has no buffer to agree on; a larger one is answered with what is used. */
function protectionBufferSize(session: FtpSession, argument: string): Answer {
  if (!session.encrypted) return [503, 'AUTH TLS first'];
  if (!/^\d{1,10}$/.test(argument)) return [501, 'Expected a number'];
  session.bufferAgreed = true;
  return [200, 'PBSZ=0'];
}

/** RFC 4217 9: C and P; S and E are levels that TLS does not have. */
function protection(session: FtpSession, argument: string): Answer {
  if (!session.encrypted || !session.bufferAgreed) return [503, 'AUTH TLS, then PBSZ first'];
  switch (argument.toUpperCase()) {
    case 'C':
      session.privateData = false;
      return [200, 'Data connections are clear'];
    case 'P':
      session.privateData = true;
      return [200, 'Data connections are private'];
    case 'S':
    case 'E':
      return [536, 'TLS has no such protection level'];
    default:
      return [504, 'Only PROT C and PROT P'];
  }
}

/** AUTH, PBSZ, PROT, CCC: before and after login (RFC 4217 4). */
export const securityCommands: Readonly<Record<string, Handler>> = {
  AUTH: auth,
  PBSZ: protectionBufferSize,
  PROT: protection,
  CCC: (session) =>
    session.encrypted ? [534, 'The control connection stays encrypted'] : [533, 'It is not encrypted'],
};
