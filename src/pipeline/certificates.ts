import { readFile } from 'node:fs/promises';
import type { Lab } from '../config/index.js';
import { InputError, messageOf } from '../core/index.js';
import { certificatePins } from '../sinks/index.js';

type CertificatePins = ReturnType<typeof certificatePins>;

/** The pins of every sink that offers TLS, by the sink's id. @throws InputError on a file that is no certificate */
export async function sinkCertificates(lab: Pick<Lab, 'sinks'>): Promise<Map<string, CertificatePins>> {
  const pins = new Map<string, CertificatePins>();
  for (const [index, { id, tls }] of lab.sinks.entries()) {
    if (tls === undefined) continue;
    try {
      pins.set(id, certificatePins(await readFile(tls.certificate, 'utf8')));
    } catch (error) {
      throw new InputError({
        code: 'bad-certificate',
        message: `${tls.certificate}: ${messageOf(error)}`,
        where: { path: `sinks[${index}].tls.certificate` },
        remedy: 'name a PEM file with one certificate',
        cause: error,
      });
    }
  }
  return pins;
}
