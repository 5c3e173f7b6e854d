import { der } from "./der.ts";

/** A key pair of one process, and the certificate that stands for it. The key is never written anywhere. */
export interface OneTimeCertificate {
  /** The certificate as DER, as a handshake carries it. */
  readonly certificate: Uint8Array;
  /** The private key as PEM (PKCS #8). */
  readonly privateKey: string;
}

const OID = {
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  organisation: "2.5.4.10",
  commonName: "2.5.4.3",
  keyUsage: "2.5.29.15",
  alternativeNames: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  extendedKeyUsage: "2.5.29.37",
  serverAuthentication: "1.3.6.1.5.5.7.3.1",
  clientAuthentication: "1.3.6.1.5.5.7.3.2",
} as const;

const SKEW_MS = 30_000;
const YEARS = 30;
const SERIAL_BYTES = 16;

/**
 * Makes a one-time certificate as go-plugin's AutoMTLS expects it: self-signed, for `localhost`, ECDSA on P-256, for client and server,
 * and a certification authority of itself, which some verifier needs (RFC 5280).
 *
 * @param now - it is valid from half a minute before this
 */
export function createOneTimeCertificate(now: Date = new Date()): OneTimeCertificate {
  // Loaded when it is asked for: a plugin without TLS starts faster.
  const crypto = process.getBuiltinModule("node:crypto");
  const { publicKey, privateKey } = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
  const until = new Date(now);
  until.setUTCFullYear(until.getUTCFullYear() + YEARS);
  const algorithm = der.sequence(der.objectIdentifier(OID.ecdsaWithSha256));
  const name = nameOf({ [OID.organisation]: "HashiCorp", [OID.commonName]: "localhost" });
  const toBeSigned = der.sequence(
    der.explicit(0, der.integer(Uint8Array.of(2))),
    der.integer(crypto.randomBytes(SERIAL_BYTES)),
    algorithm,
    name,
    der.sequence(der.time(new Date(now.getTime() - SKEW_MS)), der.time(until)),
    name,
    new Uint8Array(publicKey.export({ type: "spki", format: "der" })),
    der.explicit(3, der.sequence(...extensions())),
  );
  const signature = crypto.sign("sha256", toBeSigned, privateKey);
  return {
    certificate: der.sequence(toBeSigned, algorithm, der.bitString(signature)),
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** A certificate in the text form of RFC 7468. */
export function certificatePem(certificate: Uint8Array): string {
  const base64 = Buffer.from(certificate).toString("base64");
  const lines = base64.match(/.{1,64}/gu) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function extensions(): readonly Uint8Array[] {
  // digitalSignature 0, keyEncipherment 2, keyAgreement 4, keyCertSign 5: the rest of the byte is unused.
  const usage = der.bitString(Uint8Array.of(0b1010_1100), 2);
  const purposes = [OID.clientAuthentication, OID.serverAuthentication];
  const localhost = der.implicit(2, new TextEncoder().encode("localhost"));
  return [
    extension(OID.keyUsage, usage, true),
    extension(
      OID.extendedKeyUsage,
      der.sequence(...purposes.map((oid) => der.objectIdentifier(oid))),
      false,
    ),
    extension(OID.basicConstraints, der.sequence(der.boolean(true)), true),
    extension(OID.alternativeNames, der.sequence(localhost), false),
  ];
}

const extension = (oid: string, value: Uint8Array, isCritical: boolean): Uint8Array =>
  der.sequence(
    der.objectIdentifier(oid),
    ...(isCritical ? [der.boolean(true)] : []),
    der.octetString(value),
  );

const nameOf = (parts: Readonly<Record<string, string>>): Uint8Array =>
  der.sequence(
    ...Object.entries(parts).map(([oid, text]) =>
      der.set(der.sequence(der.objectIdentifier(oid), der.utf8String(text))),
    ),
  );
