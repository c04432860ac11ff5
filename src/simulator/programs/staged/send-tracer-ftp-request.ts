import { ftpManners, passiveFtp, pinnedCertificate } from '../../clients/index.js';
import { ftpUri, isFolder, loginParameters, madeCredentials, sendActively } from './ftp-login.js';
import { mandatory, oneOf, pauseParameter, type StagedScript } from './script-types.js';
import { pauseBefore, tracersOf } from './tracer-file.js';

const verbs = { stor: 'STOR', appe: 'APPE', stou: 'STOU' } as const;

/** Send-TracerFtpRequest.ps1: System.Net.FtpWebRequest, a control connection for each file (KeepAlive is off). */
export const sendTracerFtpRequest: StagedScript<
  'Path' | 'Uri' | 'User' | 'Password' | 'Mode' | 'Method' | 'Tls' | 'CertificateSha256' | 'PauseMilliseconds'
> = {
  parameters: {
    Path: mandatory,
    Uri: mandatory,
    ...loginParameters,
    Mode: oneOf('passive', 'active'),
    Method: oneOf('STOR', 'APPE', 'STOU'),
    Tls: oneOf('none', 'explicit'),
    CertificateSha256: { fallback: '', valid: /^([0-9A-Fa-f]{64})?$/ },
    PauseMilliseconds: pauseParameter,
  },
  async run(context, values) {
    const { machine, process, signal } = context;
    const { User: user, Password: password } = values;
    const tracers = await tracersOf(context, values.Path);
    const verb = verbs[values.Method.toLowerCase() as keyof typeof verbs];
    const { remote, name } = ftpUri(values.Uri);
    if (!isFolder(name) && (tracers.length > 1 || verb === 'STOU'))
      throw new Error('several tracers, and STOU, need a folder: a Uri that ends with a slash');
    const encrypted = values.Tls.toLowerCase() === 'explicit';
    const active = values.Mode.toLowerCase() === 'active';
    if (encrypted && values.CertificateSha256 === '')
      throw new Error('-Tls explicit needs -CertificateSha256');
    if (encrypted && active) throw new Error('this simulated host has TLS in passive mode only');
    for (const [index, tracer] of tracers.entries()) {
      await pauseBefore(context, index, values.PauseMilliseconds);
      madeCredentials(context, user, password);
      const target = verb === 'STOU' ? name : isFolder(name) ? `${name}${tracer.name}` : name;
      if (active) {
        const afterLogin = ['OPTS utf8 on', 'PWD', 'TYPE I'];
        await sendActively(
          context,
          tracer,
          { remote, user, password, afterLogin, verb, name: target },
          (text) => new Error(`The remote server returned an error: ${text}`),
        );
      } else {
        await passiveFtp(machine, {
          owner: process,
          remote,
          user,
          password,
          name: target,
          direction: 'upload',
          verb,
          file: tracer.file,
          manner: ftpManners.webRequest,
          ...(encrypted
            ? { tls: { auth: ['TLS'], refuses: pinnedCertificate(values.CertificateSha256) } }
            : {}),
          signal,
        });
      }
      context.moved(tracer.size);
    }
  },
};
