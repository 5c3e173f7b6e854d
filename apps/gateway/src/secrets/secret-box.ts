import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { z } from "zod";
import { SecretError } from "./secret-error.ts";

/** Which secret of which plugin a value belongs to. */
export interface SecretName {
  readonly plugin: string;
  readonly name: string;
}

/** The most bytes of a value. */
export const MAX_SECRET_BYTES = 16_384;
/** A box is its value in base64 and little else. */
export const MAX_BOX_BYTES = 32_768;

const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/u);
const boxSchema = z.strictObject({
  format: z.literal("sigil.secret/1"),
  set: z.iso.datetime(),
  nonce: base64.length(16),
  tag: base64.length(24),
  sealed: base64,
});

/** Seals a value for one name: the box opens under no other. */
export function sealSecret(key: Buffer, owner: SecretName, value: string, set: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 });
  cipher.setAAD(boundTo(owner, set));
  const sealed = Buffer.concat([cipher.update(value, "utf8"), cipher.final()]);
  const box = {
    format: "sigil.secret/1",
    set,
    nonce: nonce.toString("base64"),
    tag: cipher.getAuthTag().toString("base64"),
    sealed: sealed.toString("base64"),
  };
  return `${JSON.stringify(box)}\n`;
}

/** Opens a box. @throws {@link SecretError} for one that was changed, sealed with another key, or for another name */
export function openBox(key: Buffer, owner: SecretName, text: string): string {
  const { set, nonce, tag, sealed } = readBox(owner, text);
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"), {
    authTagLength: 16,
  });
  decipher.setAAD(boundTo(owner, set));
  decipher.setAuthTag(Buffer.from(tag, "base64"));
  try {
    const value = Buffer.concat([decipher.update(sealed, "base64"), decipher.final()]);
    return value.toString("utf8");
  } catch (cause) {
    const state = "its box was changed, moved here from another name, or sealed with another key";
    throw refuse(owner, state, cause);
  }
}

/** When a box was sealed, as it says itself. @throws {@link SecretError} for text that is no box */
export function sealedAt(owner: SecretName, text: string): string {
  return readBox(owner, text).set;
}

function readBox(owner: SecretName, text: string): z.output<typeof boxSchema> {
  try {
    return boxSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw refuse(owner, "its box is damaged", cause);
  }
}

// A box under another name is another plugin's secret: without this a rename of one file would hand it over.
const boundTo = ({ plugin, name }: SecretName, set: string): Buffer =>
  Buffer.from(JSON.stringify(["sigil.secret/1", plugin, name, set]));

const refuse = ({ plugin, name }: SecretName, state: string, cause?: unknown): SecretError =>
  new SecretError(
    `Cannot open secret "${name}" of "${plugin}": ${state}; set it anew with sigil secret set`,
    { cause },
  );
