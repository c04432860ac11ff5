import { createHash, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  Name,
  AttributeTypeAndValue,
  RelativeDistinguishedName,
  AttributeValue,
  SubjectAlternativeName,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_subjectAltName,
  id_kp_serverAuth,
} from '@peculiar/asn1-x509';
import { Secret } from '../../core/index.js';

/** A self-signed certificate of one lab, and what clients pin of it. */
export interface LabCertificate {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS #8. */
  readonly key: Secret;
  /** Of the certificate's DER, in lower-case hex. */
  readonly sha256: string;
  /** curl's `--pinnedpubkey`: `sha256//` and the base64 of the SubjectPublicKeyInfo's SHA-256. */
  readonly publicKeyPin: string;
}

const ecdsaWithSha256 = '1.2.840.10045.4.3.2';
const commonName = '2.5.4.3';
/** The clocks of lab hosts differ: it is valid a day before it was made. */
const dayMs = 86_400_000;

function named(text: string): Name {
  const value = new AttributeValue({ utf8String: text });
  return new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: commonName, value })])]);
}

function extension(extnID: string, critical: boolean, value: object): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

/**
 * A new ECDSA P-256 key, and a self-signed certificate for it (RFC 5280). Node makes keys and signatures, and reads certificates,
 * but makes none.
 * @param addresses of the sinks that will show it
 * @param now ms since the epoch
 * @param days how long it is valid
 */
export function labCertificate(addresses: readonly string[], now: number, days = 7): LabCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const algorithm = new AlgorithmIdentifier({ algorithm: ecdsaWithSha256 });
  const name = named('Dyetrace FTP sink (harmless test data)');
  // Positive, and not zero: RFC 5280 4.1.2.2.
  const serialNumber = randomBytes(16);
  serialNumber[0] = ((serialNumber[0] ?? 0) & 0x3f) | 0x40;
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: new Uint8Array(serialNumber).buffer,
    signature: algorithm,
    issuer: name,
    subject: name,
    validity: new Validity({ notBefore: new Date(now - dayMs), notAfter: new Date(now + days * dayMs) }),
    subjectPublicKeyInfo: AsnConvert.parse(spki, SubjectPublicKeyInfo),
    extensions: new Extensions([
      extension(id_ce_basicConstraints, true, new BasicConstraints({ cA: false })),
      extension(id_ce_extKeyUsage, false, new ExtendedKeyUsage([id_kp_serverAuth])),
      extension(
        id_ce_subjectAltName,
        false,
        new SubjectAlternativeName(addresses.map((iPAddress) => new GeneralName({ iPAddress }))),
      ),
    ]),
  });
  const signed = sign('sha256', Buffer.from(AsnConvert.serialize(tbsCertificate)), privateKey);
  const signatureValue = new Uint8Array(signed).buffer;
  const der = Buffer.from(
    AsnConvert.serialize(new Certificate({ tbsCertificate, signatureAlgorithm: algorithm, signatureValue })),
  );
  return {
    certificate: new X509Certificate(der).toString(),
    key: new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    ...certificatePins(der),
  };
}

/** What clients pin of a certificate (PEM or DER). @throws Error where it is none */
export function certificatePins(
  certificate: string | Buffer,
): Pick<LabCertificate, 'sha256' | 'publicKeyPin'> {
  const { raw, publicKey } = new X509Certificate(certificate);
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return {
    sha256: createHash('sha256').update(raw).digest('hex'),
    publicKeyPin: `sha256//${createHash('sha256').update(spki).digest('base64')}`,
  };
}
