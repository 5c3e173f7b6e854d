import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import type { TreeDigest } from "./brands.ts";

/** What a signature of a plugin covers. */
export interface SignedPlugin {
  /** The plugin's name. */
  readonly plugin: string;
  /** Its version. */
  readonly version: string;
  /** The digest of its tree. */
  readonly digest: TreeDigest;
}

/** One line of a signature file. */
export interface DetachedSignature {
  /** `ed25519:` and the base64 of the 32 bytes of the public key, as in the lock's `signers`. */
  readonly signer: string;
  /** The 64 bytes. */
  readonly signature: Uint8Array;
}

const MAX_UNITS = 4_096;
const MAX_LINES = 16;
const line = /^(ed25519:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=) ([A-Za-z0-9+/]{85}[AQgw]==)$/u;

/** The fixed start of an Ed25519 key in DER (RFC 8410), before its 32 bytes. */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/**
 * Signs a plugin and answers one line for its signature file: `ed25519:<key> <signature>`, both in base64. The signed text is
 * `sigil-plugin-v1`, name, version and digest, a line each, so a signature of one plugin is none of another.
 *
 * @throws TypeError when the key is no private Ed25519 key, or name or version holds a line feed
 */
export function signPlugin(plugin: SignedPlugin, privateKey: KeyObject): string {
  if (privateKey.type !== "private" || privateKey.asymmetricKeyType !== "ed25519") {
    const found = `${privateKey.type} ${privateKey.asymmetricKeyType ?? "secret"}`;
    throw new TypeError(
      `Cannot sign "${plugin.plugin}": the key is a ${found} key, not private ed25519`,
    );
  }
  const der = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  const signer = `ed25519:${der.subarray(SPKI_PREFIX.length).toString("base64")}`;
  return `${signer} ${sign(null, signedText(plugin), privateKey).toString("base64")}\n`;
}

/** Reads a signature file: 1 to 16 lines of {@link signPlugin}. `undefined` for any other text. */
export function parseSignatures(text: string): readonly DetachedSignature[] | undefined {
  if (text.length > MAX_UNITS || !text.endsWith("\n")) return undefined;
  const lines = text.slice(0, -1).split("\n");
  if (lines.length > MAX_LINES) return undefined;
  const signatures: DetachedSignature[] = [];
  for (const written of lines) {
    const [, signer, signature] = line.exec(written) ?? [];
    if (signer === undefined || signature === undefined) return undefined;
    signatures.push({ signer, signature: Buffer.from(signature, "base64") });
  }
  return signatures;
}

/** Answers whether the holder of the signer's key signed this plugin (Ed25519, RFC 8032). */
export function isSignedBy(
  plugin: SignedPlugin,
  { signer, signature }: DetachedSignature,
): boolean {
  const key = Buffer.from(signer.slice("ed25519:".length), "base64");
  const spki = Buffer.concat([SPKI_PREFIX, key]);
  const publicKey = createPublicKey({ key: spki, format: "der", type: "spki" });
  return verify(null, signedText(plugin), publicKey, signature);
}

function signedText({ plugin, version, digest }: SignedPlugin): Buffer {
  if (`${plugin}${version}`.includes("\n")) {
    throw new TypeError("Cannot sign a plugin whose name or version holds a line feed");
  }
  return Buffer.from(`sigil-plugin-v1\n${plugin}\n${version}\n${digest}\n`);
}
