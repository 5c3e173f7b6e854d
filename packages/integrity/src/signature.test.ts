import { generateKeyPairSync, type KeyObject } from "node:crypto";
import {
  allOf,
  applyVerifier,
  ed25519Verifier,
  signPlugin,
  treeDigestVerifier,
  type TreeDigest,
  type Verification,
  type VerifierSubject,
} from "@sigilrt/integrity";
import { describe, expect, it } from "vitest";

const digest = `tree1-sha256:${"a".repeat(64)}` as TreeDigest;
const other = `tree1-sha256:${"b".repeat(64)}` as TreeDigest;
const publisher = generateKeyPairSync("ed25519").privateKey;
const stranger = generateKeyPairSync("ed25519").privateKey;
const subject: VerifierSubject = { plugin: "demo", version: "1.0.0", digest };
const signed = (key: KeyObject, changed: Partial<VerifierSubject> = {}): string =>
  signPlugin({ ...subject, ...changed }, key);
const signerOf = (key: KeyObject): string => signed(key).split(" ")[0] ?? "";

const verify = (
  text: string | undefined,
  signers: readonly string[] | undefined = [signerOf(publisher)],
): Promise<Verification> =>
  applyVerifier(ed25519Verifier({ signatures: () => text }), {
    ...subject,
    locked: { digests: [digest], ...(signers.length > 0 ? { signers } : {}) },
  });

describe("ed25519Verifier", () => {
  it("confirms what a locked signer signed, also as one of several lines", async () => {
    const evidence = { verifier: "ed25519", detail: `signed by ${signerOf(publisher)}` };
    expect(await verify(signed(publisher))).toEqual({ ok: true, evidence });
    expect(await verify(signed(stranger) + signed(publisher))).toEqual({ ok: true, evidence });
  });

  it.each([
    ["another name", { plugin: "demo2" }],
    ["another version", { version: "1.0.1" }],
    ["another digest", { digest: other }],
  ])("refuses a signature of %s", async (_what, changed) => {
    expect(await verify(signed(publisher, changed))).toEqual({
      ok: false,
      rejection: { kind: "signature_invalid", plugin: "demo", signer: signerOf(publisher) },
    });
  });

  it("refuses one whose any bit was changed", async () => {
    const [signer = "", base64 = ""] = signed(publisher).trimEnd().split(" ");
    for (const bit of [0, 255, 511]) {
      const bytes = Buffer.from(base64, "base64");
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      // oxlint-disable-next-line no-await-in-loop -- three
      expect(await verify(`${signer} ${bytes.toString("base64")}\n`)).toMatchObject({
        rejection: { kind: "signature_invalid", signer },
      });
    }
  });

  it("asks for a signature where there is none", async () => {
    expect(await verify(undefined)).toEqual({
      ok: false,
      rejection: { kind: "signature_missing", plugin: "demo" },
    });
  });

  it.each([
    ["the lock names another", [signerOf(publisher)]],
    ["the lock names none", []],
  ])("trusts no signer when %s", async (_why, signers) => {
    expect(await verify(signed(stranger), signers)).toEqual({
      ok: false,
      rejection: { kind: "untrusted_signer", plugin: "demo", signer: signerOf(stranger) },
    });
  });

  it.each([
    ["empty", ""],
    ["without a line feed", signed(publisher).trimEnd()],
    ["with a carriage return", signed(publisher).replace("\n", "\r\n")],
    ["with an empty line", `${signed(publisher)}\n`],
    ["of another algorithm", signed(publisher).replace("ed25519:", "rsa:")],
    ["with two spaces", signed(publisher).replace(" ", "  ")],
    ["with a comment", `# approved\n${signed(publisher)}`],
    ["with a base64 that has another spelling", signed(publisher).replace("==\n", "=\n")],
    ["with more than 16 lines", signed(publisher).repeat(17)],
    ["too long", "ed25519:".repeat(1_000)],
  ])("takes a signature file that is %s for no signature", async (_what, text) => {
    expect(await verify(text)).toEqual({
      ok: false,
      rejection: { kind: "signature_invalid", plugin: "demo" },
    });
  });

  it("does not confirm when the source of signatures throws", async () => {
    const broken = ed25519Verifier({ signatures: () => Promise.reject(new Error("disk")) });
    expect(await applyVerifier(broken, subject)).toMatchObject({
      rejection: { kind: "verifier_failed", verifier: "ed25519" },
    });
  });

  it("joins the lock: a signed tree that is not locked is refused", async () => {
    const both = allOf(
      treeDigestVerifier(),
      ed25519Verifier({ signatures: () => signed(publisher) }),
    );
    const locked = { digests: [other], signers: [signerOf(publisher)] };
    expect(await applyVerifier(both, { ...subject, locked })).toMatchObject({
      rejection: { kind: "integrity_mismatch" },
    });
  });
});

describe("signPlugin", () => {
  it("writes the key as a lock file does, and the signature", () => {
    expect(signed(publisher)).toMatch(/^ed25519:[\w+/]{43}= [\w+/]{86}==\n$/u);
  });

  it("signs with a private Ed25519 key alone", () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey;
    expect(() => signed(rsa)).toThrow(/private rsa key, not private ed25519/u);
    const open = generateKeyPairSync("ed25519").publicKey;
    expect(() => signed(open)).toThrow(/public ed25519 key/u);
  });

  it("signs no name that would read as another line", () => {
    expect(() => signed(publisher, { plugin: "demo\n1.0.0" })).toThrow(TypeError);
  });
});
