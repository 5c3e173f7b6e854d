import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from "node:crypto";

/** How far a log had come. */
export interface LogState {
  /** The log's id. */
  readonly log: string;
  /** How many records it had. */
  readonly size: number;
  /** The RFC 6962 root over their lines, in base64. */
  readonly root: string;
}

/** Signs checkpoints with one key. */
export interface CheckpointSigner {
  /** The key's name, which is also the first part of the origin. */
  readonly name: string;
  /** The public key as verifiers take it: `<name>+<key id>+<key>` (C2SP signed-note). */
  readonly vkey: string;
  /** Signs with Ed25519. */
  sign(message: Uint8Array): Uint8Array;
}

/** What a checkpoint is held against. */
export interface VerifyCheckpointOptions {
  /** The log it must be of. */
  readonly log: string;
  /** Keys of which one must have signed it, as `vkey` texts. */
  readonly keys: readonly string[];
}

/** A checkpoint that was verified, or why it was not. */
export type CheckpointVerdict =
  | {
      /** One of the keys signed it, and it is of this log. */
      readonly ok: true;
      /** What it says. */
      readonly state: LogState;
    }
  | {
      /** It proves nothing. */
      readonly ok: false;
      /** Why. */
      readonly kind:
        | "checkpoint_malformed"
        | "checkpoint_signature_invalid"
        | "checkpoint_of_other_log";
    };

const MAX_NOTE = 16_384;
const MAX_SIGNATURES = 16;
const ED25519 = 0x01;
/** The DER prefix of an Ed25519 public key (RFC 8410): what follows are its 32 bytes. */
const SPKI = Buffer.from("302a300506032b6570032100", "hex");
/** The DER prefix of an Ed25519 private key (RFC 8410): what follows is its seed of 32 bytes. */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");
const nameForm = /^[^\s+]{1,128}$/u;
const sizeForm = /^(?:0|[1-9]\d{0,15})$/u;
const rootForm = /^[A-Za-z0-9+/]{43}=$/u;

/**
 * Makes a signer of an Ed25519 key.
 *
 * @throws RangeError for a name with white space or a plus, or a key of another kind
 */
export function createCheckpointSigner(
  name: string,
  key: KeyObject | Uint8Array,
): CheckpointSigner {
  if (!nameForm.test(name)) {
    throw new RangeError(
      "Cannot make a signer: its name has white space, a plus, or over 128 characters",
    );
  }
  const privateKey = key instanceof Uint8Array ? keyOfSeed(key) : key;
  if (privateKey.asymmetricKeyType !== "ed25519") {
    throw new RangeError("Cannot make a signer: the key is not Ed25519");
  }
  const publicKey = publicBytes(createPublicKey(privateKey));
  return {
    name,
    vkey: `${name}+${keyId(name, publicKey).toString("hex")}+${Buffer.of(ED25519, ...publicKey).toString("base64")}`,
    sign: (message) => signBytes(null, message, privateKey),
  };
}

/** Writes a checkpoint as a signed note (C2SP): origin, size and root, then the signature. */
export function signCheckpoint({ log, size, root }: LogState, signer: CheckpointSigner): string {
  const text = `${originOf(signer.name, log)}\n${size}\n${root}\n`;
  const key = parseVkey(signer.vkey);
  if (!key) throw new RangeError("Cannot sign a checkpoint: the signer's vkey is malformed");
  const signature = Buffer.concat([key.id, signer.sign(Buffer.from(text))]).toString("base64");
  return `${text}\n\u2014 ${signer.name} ${signature}\n`;
}

/** Checks a note before anything of a log is read. Signatures of unknown keys say nothing; one of a known key must hold. */
export function verifyCheckpoint(
  note: string,
  { log, keys }: VerifyCheckpointOptions,
): CheckpointVerdict {
  const parsed = parseNote(note);
  if (!parsed) return { ok: false, kind: "checkpoint_malformed" };
  const { text, origin, size, root, signatures } = parsed;
  const known = keys.flatMap((vkey) => parseKey(vkey) ?? []);
  const signedBy = known.find((key) =>
    signatures.some(
      ({ name, bytes }) =>
        name === key.name &&
        key.id.equals(bytes.subarray(0, 4)) &&
        verifyBytes(null, Buffer.from(text), key.publicKey, bytes.subarray(4)),
    ),
  );
  if (!signedBy) return { ok: false, kind: "checkpoint_signature_invalid" };
  if (origin !== originOf(signedBy.name, log))
    return { ok: false, kind: "checkpoint_of_other_log" };
  return { ok: true, state: Object.freeze({ log, size, root }) };
}

const originOf = (name: string, log: string): string => `${name}/${log.replace(/^sha256:/u, "")}`;

interface Note {
  readonly text: string;
  readonly origin: string;
  readonly size: number;
  readonly root: string;
  readonly signatures: readonly { readonly name: string; readonly bytes: Buffer }[];
}

function parseNote(note: string): Note | undefined {
  if (note.length > MAX_NOTE || !note.endsWith("\n") || !note.isWellFormed()) return undefined;
  const [text = "", signed, ...more] = note.split("\n\n");
  const [origin, size, root, ...rest] = text.split("\n");
  if (signed === undefined || more.length > 0 || rest.length > 0) return undefined;
  if (!origin || !size || !root || !sizeForm.test(size) || !rootForm.test(root)) return undefined;
  const lines = signed.slice(0, -1).split("\n");
  const signatures = lines.flatMap((line) => parseSignature(line) ?? []);
  if (signatures.length !== lines.length || lines.length > MAX_SIGNATURES) return undefined;
  return { text: `${text}\n`, origin, size: Number(size), root, signatures };
}

function parseSignature(line: string): Note["signatures"][number] | undefined {
  const [, name, base64] =
    /^\u2014 ([^\s+]{1,128}) ([A-Za-z0-9+/]{4,512}={0,2})$/u.exec(line) ?? [];
  if (name === undefined || base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, "base64");
  // Another spelling of the same bytes would be another note with the same meaning.
  return bytes.length > 4 && bytes.toString("base64") === base64 ? { name, bytes } : undefined;
}

interface Vkey {
  readonly name: string;
  readonly id: Buffer;
  /** The 32 bytes of Ed25519. */
  readonly raw: Buffer;
}

interface KnownKey extends Vkey {
  readonly publicKey: KeyObject;
}

function parseVkey(vkey: string): Vkey | undefined {
  const [, name, id, base64] =
    /^([^\s+]{1,128})\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/u.exec(vkey) ?? [];
  if (name === undefined || id === undefined || base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, "base64");
  const raw = bytes.subarray(1);
  if (bytes[0] !== ED25519 || raw.length !== 32 || keyId(name, raw).toString("hex") !== id) {
    return undefined;
  }
  return { name, id: Buffer.from(id, "hex"), raw };
}

function parseKey(vkey: string): KnownKey | undefined {
  const known = parseVkey(vkey);
  if (!known) return undefined;
  const key = Buffer.concat([SPKI, known.raw]);
  return { ...known, publicKey: createPublicKey({ key, format: "der", type: "spki" }) };
}

const keyId = (name: string, publicKey: Uint8Array): Buffer =>
  createHash("sha256")
    .update(`${name}\n`)
    .update(Buffer.of(ED25519, ...publicKey))
    .digest()
    .subarray(0, 4);

const publicBytes = (key: KeyObject): Buffer =>
  key.export({ format: "der", type: "spki" }).subarray(SPKI.length);

function keyOfSeed(seed: Uint8Array): KeyObject {
  if (seed.length !== 32) throw new RangeError("Cannot make a signer: a seed has 32 bytes");
  return createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" });
}
