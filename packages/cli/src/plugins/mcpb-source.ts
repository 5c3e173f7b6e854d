import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseSafePath } from "@sigilrt/canonical";
import { digestFiles, type TreeFile } from "@sigilrt/integrity";
import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";
import { z } from "zod";
import { EXIT } from "../exit-code.ts";
import { RefusedError } from "../refused-error.ts";
import { type KnownProgram, pluginNameOf } from "./propose-manifest.ts";

const LIMITS = { entries: 20_000, entryBytes: 64 * 1_048_576, totalBytes: 512 * 1_048_576 };

/** The members of an MCPB manifest that are used; others are left in the file. */
const manifestSchema = z.looseObject({
  name: z.string().max(256),
  version: z.string().max(128),
  description: z.string().max(4_096).optional(),
  license: z.string().max(128).optional(),
  server: z.looseObject({
    type: z.enum(["node", "python", "binary"]),
    entry_point: z.string().max(1_024),
    mcp_config: z
      .looseObject({
        args: z.array(z.string().max(4_096)).max(64).default([]),
        env: z.record(z.string(), z.string().max(4_096)).default({}),
      })
      .default({ args: [], env: {} }),
  }),
});

/**
 * Lays out an MCPB file (an ordinary ZIP with a `manifest.json`) as plain files. What is digested and reviewed afterwards is what was
 * written here, so another reader's view of the archive does not matter.
 *
 * @throws Error for an entry that is a link, encrypted or too large, an unsafe or colliding path, or a manifest that names no server
 */
export async function layOutMcpb(
  tree: string,
  bytes: Buffer,
  settings: Readonly<Record<string, string>>,
): Promise<KnownProgram> {
  const files = await readFiles(bytes);
  const checked = digestFiles(files);
  if (!checked.ok) throw refuse(JSON.stringify(checked.rejection));
  const described = files.find(({ path }) => path === "manifest.json");
  if (!described) throw refuse("it has no manifest.json");
  const manifest = manifestSchema.parse(JSON.parse(Buffer.from(described.content).toString()));
  for (const { path, content } of files) {
    // oxlint-disable-next-line no-await-in-loop -- folders before what is in them
    await mkdir(dirname(join(tree, path)), { recursive: true });
    // oxlint-disable-next-line no-await-in-loop -- as above
    await writeFile(join(tree, path), content, { flag: "wx", mode: 0o644 });
  }
  return programOf(manifest, settings);
}

async function readFiles(bytes: Buffer): Promise<readonly TreeFile[]> {
  const zip = await fromBufferPromise(bytes, { strictFileNames: true, validateEntrySizes: true });
  const files: TreeFile[] = [];
  let total = 0;
  if (zip.entryCount > LIMITS.entries) throw refuse(`${zip.entryCount} entries`);
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith("/")) continue;
    const path = parseSafePath(entry.fileName);
    const type = (entry.externalFileAttributes >>> 28) & 0o17;
    // 8 is a regular file, 0 an archive that says nothing.
    if (type !== 8 && type !== 0) throw refuse(`"${path}" is no regular file`);
    if (entry.isEncrypted()) throw refuse(`"${path}" is encrypted`);
    total += entry.uncompressedSize;
    if (entry.uncompressedSize > LIMITS.entryBytes || total > LIMITS.totalBytes) {
      throw refuse(`"${path}" makes it too large`);
    }
    files.push({ path, content: await contentOf(zip, entry) });
  }
  return files;
}

async function contentOf(zip: ZipFile, entry: Entry): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function programOf(
  { name, version, description, license, server }: z.infer<typeof manifestSchema>,
  settings: Readonly<Record<string, string>>,
): KnownProgram {
  const { type, entry_point: entry, mcp_config: config } = server;
  const program = { node: ["node", entry], python: ["python3", entry], binary: [entry] }[type];
  const args = config.args.map((text) => text.replaceAll(/\$\{__dirname\}\/?/gu, ""));
  // The first argument is the program itself, written with the folder it was meant to lie in.
  const rest = args.filter((text, index) => !(index === 0 && text === entry));
  const env = Object.entries(config.env).map(
    ([key, text]) => [key, text, settingIn(text)] as const,
  );
  return {
    name: pluginNameOf(name),
    version,
    description,
    license,
    command: [...program, ...rest.map((text) => withSettings(text, settings))],
    env: Object.fromEntries(env.filter(([, , setting]) => setting === undefined)),
    secrets: env.flatMap(([key, , setting]) =>
      setting === undefined ? [] : [{ name: setting.toLowerCase(), env: key }],
    ),
    source: `the MCPB file of ${name}`,
  };
}

const settingIn = (text: string): string | undefined =>
  /^\$\{user_config\.([A-Za-z]\w{0,62})\}$/u.exec(text)?.[1];

function withSettings(text: string, settings: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{([^}]*)\}/gu, (_whole, inner: string) => {
    const name = inner.replace(/^user_config\./u, "");
    const value = Object.hasOwn(settings, name) ? settings[name] : undefined;
    if (value !== undefined) return value;
    throw refuse(`its program needs a value for "${name}"; give it with --set ${name}=<value>`);
  });
}

const refuse = (state: string): RefusedError =>
  new RefusedError(EXIT.bundleRefused, `Cannot add this MCPB file: ${state}`);
