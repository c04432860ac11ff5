import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { certificatePins, labCertificate } from '../../../../src/sinks/index.js';
import { describeWith } from '../../../helpers/requires.js';

const now = Date.UTC(2026, 10, 24, 12);

it('is self-signed, for its addresses, and valid from the day before', () => {
  const { certificate, key, sha256 } = labCertificate(['127.0.2.1', '::1'], now);
  const read = new X509Certificate(certificate);
  expect(read.verify(read.publicKey)).toBe(true);
  expect(read.checkIssued(read)).toBe(true);
  expect(read.checkPrivateKey(createPrivateKey(key.reveal()))).toBe(true);
  expect(read.checkIP('127.0.2.1')).toBe('127.0.2.1');
  expect(read.checkIP('127.0.2.2')).toBeUndefined();
  expect(read.ca).toBe(false);
  expect(Date.parse(read.validFrom)).toBe(now - 86_400_000);
  expect(Date.parse(read.validTo)).toBe(now + 7 * 86_400_000);
  expect(sha256).toBe(read.fingerprint256.replaceAll(':', '').toLowerCase());
});

it('is another one each time, and its key shows nowhere', () => {
  const [one, other] = [labCertificate(['127.0.2.1'], now), labCertificate(['127.0.2.1'], now)];
  expect(one.sha256).not.toBe(other.sha256);
  expect(one.publicKeyPin).not.toBe(other.publicKeyPin);
  expect(JSON.stringify(one)).not.toContain('PRIVATE');
  expect(certificatePins(one.certificate)).toEqual({ sha256: one.sha256, publicKeyPin: one.publicKeyPin });
});

describeWith({ programs: ['openssl'] }, 'as OpenSSL reads it', () => {
  it('verifies, and its pin is what the manual of curl computes', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'certificate-'));
    try {
      const { certificate, publicKeyPin } = labCertificate(['127.0.2.1'], Date.now());
      const file = join(directory, 'cert.pem');
      await writeFile(file, certificate);
      const verified = await execa('openssl', ['verify', '-CAfile', file, '-x509_strict', file]);
      expect(verified.stdout).toContain('OK');
      const key = await execa('openssl', ['x509', '-in', file, '-pubkey', '-noout']);
      const der = await execa('openssl', ['pkey', '-pubin', '-outform', 'der'], {
        input: key.stdout,
        encoding: 'buffer',
      });
      const hash = await execa('openssl', ['dgst', '-sha256', '-binary'], {
        input: der.stdout,
        encoding: 'buffer',
      });
      expect(publicKeyPin).toBe(`sha256//${Buffer.from(hash.stdout).toString('base64')}`);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
