import { readFile } from "node:fs/promises";
import {
  type BundleFile,
  type BundleVerdict,
  describeRejection,
  inspectBundle,
  type InspectOptions,
} from "@sigilrt/bundle";
import { applyVerifier, ed25519Verifier, type TreeDigest } from "@sigilrt/integrity";
import { type Manifest, ManifestError, parseManifest } from "@sigilrt/manifest";
import { readArchive } from "../plugins/source.ts";
import type { Terminal } from "../terminal.ts";

/** Why a bundle is refused, for programs and for people. */
export interface BundleRefusal {
  readonly kind: string;
  readonly message: string;
}

/** A bundle that is one tree, with what is known of it. */
export interface ReadBundle {
  readonly bytes: Uint8Array;
  readonly digest: TreeDigest;
  readonly files: readonly BundleFile[];
  readonly manifest: Manifest;
  /** `valid` when a key of the policy signed it; `unchecked` when a signature lies beside it and no policy asks. */
  readonly signature: "valid" | "unchecked" | "none";
}

/** What a bundle must hold. */
export interface ReadBundleOptions {
  readonly required?: readonly string[];
  /** Keys of which one must have signed it: `ed25519:` and base64. */
  readonly signers?: readonly string[];
}

const LARGE = 33_554_432;

/** Reads a bundle and checks, in this order, its structure, its signature where a policy asks for one, and its manifest. Runs no byte of it. */
export async function readBundle(
  path: string,
  { required = [], signers = [] }: ReadBundleOptions,
  { err }: Pick<Terminal, "err">,
): Promise<ReadBundle | BundleRefusal> {
  const bytes = await readArchive(path);
  if (bytes.length > LARGE) err(`Inspecting ${Math.round(bytes.length / 1_048_576)} MiB`);
  const options: InspectOptions = required.length === 0 ? {} : { required };
  const verdict: BundleVerdict = inspectBundle(bytes, options);
  if (!verdict.ok) {
    return { kind: verdict.rejection.kind, message: describeRejection(verdict.rejection) };
  }
  // The two packages agree on the form of a digest, not on its type.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  const digest = verdict.digest as string as TreeDigest;
  const described = verdict.files.find((file) => file.path === "plugin.yaml");
  if (!described) {
    const message = `Cannot accept bundle: it has no "plugin.yaml"; pack a folder that is a plugin`;
    return { kind: "missing_manifest", message };
  }
  const manifest = manifestOf(described.content);
  if (manifest instanceof ManifestError) {
    const first = await signatureOf(path, undefined, digest, signers);
    if ("kind" in first) return first;
    return { kind: "schema_violation", message: `Cannot accept bundle: ${manifest.message}` };
  }
  const signed = await signatureOf(path, manifest, digest, signers);
  if ("kind" in signed) return signed;
  return { bytes, digest, files: verdict.files, manifest, signature: signed.signature };
}

function manifestOf(content: Uint8Array): Manifest | ManifestError {
  try {
    return parseManifest(content);
  } catch (error) {
    if (error instanceof ManifestError) return error;
    throw error;
  }
}

async function signatureOf(
  path: string,
  manifest: Pick<Manifest, "name" | "version"> | undefined,
  digest: TreeDigest,
  signers: readonly string[],
): Promise<{ readonly signature: ReadBundle["signature"] } | BundleRefusal> {
  const text = await readFile(`${path}.sig`, "utf8").catch(() => undefined);
  if (signers.length === 0) return { signature: text === undefined ? "none" : "unchecked" };
  const { name = "", version = "" } = manifest ?? {};
  const answer = await applyVerifier(ed25519Verifier({ signatures: () => text }), {
    plugin: name,
    version,
    digest,
    locked: { digests: [digest], signers },
  });
  if (answer.ok) return { signature: "valid" };
  const { kind } = answer.rejection;
  const message = `Cannot accept bundle: ${kind}; ask the publisher for "${path}.sig" by a key that you trust`;
  return { kind, message };
}
