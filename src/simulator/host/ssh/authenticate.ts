import { timingSafeEqual } from 'node:crypto';
import ssh2, { type AuthContext, type ParsedKey } from 'ssh2';
import { InputError } from '../../../core/index.js';

function same(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Decides over logins: one user, one public key, no other method. @throws InputError where the key cannot be read */
export function authenticator(user: string, authorizedKey: string): (context: AuthContext) => void {
  const parsed: ParsedKey | Error = ssh2.utils.parseKey(authorizedKey);
  if (parsed instanceof Error) {
    throw new InputError({
      code: 'bad-authorized-key',
      message: `the authorized key cannot be read: ${parsed.message}`,
    });
  }
  const allowed = parsed;
  return (context) => {
    const isUser = same(Buffer.from(context.username.toLowerCase()), Buffer.from(user.toLowerCase()));
    if (context.method !== 'publickey' || !isUser || !same(context.key.data, allowed.getPublicSSH())) {
      context.reject(['publickey']);
      return;
    }
    const { signature, blob } = context;
    // Without a signature the client only asks whether the key would do.
    if (signature === undefined || blob === undefined) {
      context.accept();
      return;
    }
    // ssh2 gives an Error where it cannot verify, which its types do not say.
    const verdict: unknown = allowed.verify(blob, signature, context.hashAlgo);
    if (verdict === true) context.accept();
    else context.reject(['publickey']);
  };
}
