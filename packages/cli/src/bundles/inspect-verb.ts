import { extractBundle } from "@sigilrt/bundle";
import { EXIT } from "../exit-code.ts";
import { rightsLines } from "../plugins/rights-text.ts";
import { escaped, type Terminal } from "../terminal.ts";
import { type BundleRefusal, readBundle, type ReadBundleOptions } from "./read-bundle.ts";

/** Says whether a bundle is whole, what it is and what it asks for. Runs no byte of it. */
export async function inspectVerb(
  path: string,
  { json, ...options }: ReadBundleOptions & { readonly json: boolean },
  terminal: Terminal,
): Promise<number> {
  const read = await readBundle(path, options, terminal);
  if ("kind" in read) return refused(read, json, terminal);
  const { digest, files, manifest, signature } = read;
  const { name, version } = manifest;
  if (json) {
    const listed = files.map((file) => ({ path: file.path, bytes: file.content.length }));
    terminal.out(JSON.stringify({ ok: true, name, version, digest, signature, files: listed }));
    return EXIT.ok;
  }
  terminal.out(escaped(`${name} ${version}: whole, ${files.length} files`));
  terminal.out(`  bytes      ${digest}`);
  terminal.out(`  signature  ${signatureWords[signature]}`);
  for (const line of rightsLines(manifest)) terminal.out(escaped(`  ${line}`));
  return EXIT.ok;
}

const signatureWords = {
  valid: "by a key that was asked for",
  unchecked: "there is one, and it was not checked: name the key with --signer",
  none: "none: the file is whole, and nothing says who made it",
} as const;

/** Extracts a bundle that is whole into a folder that does not exist yet. */
export async function extractVerb(
  path: string,
  { to, json }: { readonly to: string; readonly json: boolean },
  terminal: Terminal,
): Promise<number> {
  const read = await readBundle(path, {}, terminal);
  if ("kind" in read) return refused(read, json, terminal);
  const extracted = await extractBundle(read.bytes, to);
  if (!extracted.ok) throw new Error(`Cannot extract "${path}": ${extracted.rejection.kind}`);
  const { digest } = extracted;
  terminal.out(
    json ? JSON.stringify({ ok: true, path: to, digest }) : escaped(`extracted ${to}: ${digest}`),
  );
  return EXIT.ok;
}

/** Shows why a bundle is refused. */
export function refused(
  { kind, message }: BundleRefusal,
  json: boolean,
  { out, err }: Terminal,
): number {
  if (json) out(JSON.stringify({ ok: false, kind, message }));
  else for (const line of message.split("\n")) err(escaped(line));
  return EXIT.bundleRefused;
}
