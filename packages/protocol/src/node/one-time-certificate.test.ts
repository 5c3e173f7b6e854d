import { createPrivateKey, X509Certificate } from "node:crypto";
import { expect, it } from "vitest";
import { certificatePem, createOneTimeCertificate } from "./one-time-certificate.ts";

it("makes a certificate that OpenSSL reads, with what verifiers of go-plugin's peers look for", () => {
  const now = new Date("2026-01-02T03:04:05.678Z");
  const { certificate, privateKey } = createOneTimeCertificate(now);
  const read = new X509Certificate(certificate);

  expect(read.subject).toBe("O=HashiCorp\nCN=localhost");
  expect(read.issuer).toBe(read.subject);
  expect(read.subjectAltName).toBe("DNS:localhost");
  expect(read.ca).toBe(true);
  expect(read.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1"]);
  expect(read.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
  expect(read.validFromDate.toISOString()).toBe("2026-01-02T03:03:35.000Z");
  expect(read.validToDate.toISOString()).toBe("2056-01-02T03:04:05.000Z");
  expect(read.verify(read.publicKey)).toBe(true);
  expect(read.checkPrivateKey(createPrivateKey(privateKey))).toBe(true);
  expect(new X509Certificate(certificatePem(certificate)).fingerprint256).toBe(read.fingerprint256);
});

it("makes another key and another serial number each time", () => {
  const made = Array.from(
    { length: 50 },
    () => new X509Certificate(createOneTimeCertificate().certificate),
  );
  expect(new Set(made.map(({ serialNumber }) => serialNumber)).size).toBe(50);
  expect(
    new Set(made.map(({ publicKey }) => JSON.stringify(publicKey.export({ format: "jwk" })))).size,
  ).toBe(50);
});
