import { certificatePem, createOneTimeCertificate } from "@sigilrt/protocol/node";
import { expect, it } from "vitest";
import { secureConnections } from "./secure-connections.ts";

it("has a certificate of its own for each host", () => {
  const host = certificatePem(createOneTimeCertificate().certificate);
  const made = [secureConnections(host), secureConnections(host)].map(({ certificate }) =>
    Buffer.from(certificate).toString("hex"),
  );
  expect(new Set(made).size).toBe(2);
});

it.each([
  "x",
  "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
  "x".repeat(20_000),
])("refuses a host whose certificate is none", (text) => {
  expect(() => secureConnections(text)).toThrow(
    expect.objectContaining({
      code: "CERTIFICATE_MALFORMED",
      message: expect.stringContaining("PLUGIN_CLIENT_CERT is no certificate"),
    }),
  );
});
