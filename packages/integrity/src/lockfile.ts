import { checkSafePath } from "@sigilrt/canonical";
import type { PluginId, SurfaceDigest, TreeDigest } from "./brands.ts";
import { hashText } from "./digest.ts";
import { checkDepth, legacyIsPlain, lineOf, writeSorted } from "./lockfile-text.ts";
import type { LockfileReason, LockfileRejection } from "./rejection.ts";

/** What was locked for one plugin. */
export interface LockedPlugin {
  /** The digests that pass: one, or one for each build, sorted. Empty for an entry of the legacy form, which matches nothing. */
  readonly digests: readonly TreeDigest[];
  /** The approved surface; absent in the legacy form. */
  readonly surface?: SurfaceDigest;
  /** The exact version; absent in the legacy form. */
  readonly version?: string;
  /** Keys of which one must have signed the digest, sorted. */
  readonly signers?: readonly string[];
}

/** A lock file that was read. Frozen. */
export interface Lockfile {
  /** 1, or 0 for the legacy form, which is read and never written. */
  readonly version: 0 | 1;
  /** What was locked, by plugin; an object without prototype. */
  readonly plugins: Readonly<Record<PluginId, LockedPlugin>>;
}

/** A lock file, or why it is refused. */
export type LockfileOutcome =
  | {
      /** It was read. */
      readonly ok: true;
      /** What it holds. */
      readonly lock: Lockfile;
    }
  | {
      /** It is refused whole. */
      readonly ok: false;
      /** Why. */
      readonly rejection: LockfileRejection;
    };

/** How much {@link parseLockfile} accepts. */
export interface ParseLockfileOptions {
  /** Bytes at most; 64 KiB, and never more than 1 MiB. */
  readonly maxBytes?: number;
}

const MAX_BYTES = 65_536;
const LARGEST_MAX_BYTES = 1_048_576;
const MAX_DEPTH = 5;

const id = /^[a-z0-9][a-z0-9._-]{0,63}(?:\/[a-z0-9][a-z0-9._-]{0,63})?$/u;
const treeDigest = /^tree1-sha256:[0-9a-f]{64}$/u;
const surfaceDigest = /^jcs-sha256:[0-9a-f]{64}$/u;
const legacyDigest = /^[0-9a-f]{64}$/u;
const signer = /^ed25519:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/u;
const semver =
  /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/u;
const entryKeys = new Set(["digest", "signers", "surface", "version"]);
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads `plugins.lock`. The bytes must be exactly what {@link formatLockfile} writes; the flat map of the first design is read as
 * version 0. The first fault is the answer.
 *
 * @throws RangeError when `maxBytes` is above 1 MiB
 */
export function parseLockfile(
  bytes: Uint8Array,
  options: ParseLockfileOptions = {},
): LockfileOutcome {
  const { maxBytes = MAX_BYTES } = options;
  if (!(maxBytes <= LARGEST_MAX_BYTES)) {
    throw new RangeError(`Cannot read lock files of ${maxBytes} bytes: at most 1 MiB`);
  }
  if (bytes.length > maxBytes) return malformed("too-large");
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return malformed("not-utf8");
  }
  if (text.startsWith("\uFEFF")) return malformed("bom");
  if (!checkDepth(text, MAX_DEPTH)) return malformed("too-deep");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return malformed("syntax");
  }
  if (!isObject(value)) return malformed("not-an-object");
  return Object.hasOwn(value, "lockfileVersion")
    ? parseVersioned(value, text)
    : parseLegacy(value, text);
}

/** Writes a lock file: keys sorted, two spaces, a final newline. The legacy form is not written. */
export function formatLockfile(lock: Lockfile): string {
  if (lock.version !== 1) throw new TypeError("Cannot write lock file: version 0 is only read");
  const plugins = Object.fromEntries(
    Object.entries<LockedPlugin>(lock.plugins).map(([name, { digests, ...rest }]) => [
      name,
      { digest: digests.length === 1 ? digests[0] : digests, ...rest },
    ]),
  );
  return writeSorted({ lockfileVersion: 1, plugins });
}

/** SHA-256 of a lock in the form that {@link formatLockfile} writes: `sha256:` and 64 lower-case hex digits. */
export function lockDigest({ plugins }: Lockfile): string {
  return `sha256:${hashText(formatLockfile({ version: 1, plugins }))}`;
}

type JsonObject = Readonly<Record<string, unknown>>;

function parseVersioned(value: JsonObject, text: string): LockfileOutcome {
  const version = value["lockfileVersion"];
  if (version !== 1) return refused({ kind: "lockfile_unsupported", version });
  const canonical = writeSorted(value);
  if (canonical !== text) return malformed("not-canonical", undefined, lineOf(text, canonical));

  const unknown = Object.keys(value).find((key) => key !== "lockfileVersion" && key !== "plugins");
  if (unknown !== undefined) return malformed("unknown-key", unknown);
  if (!Object.hasOwn(value, "plugins")) return malformed("missing-key", "plugins");
  const listed = value["plugins"];
  if (!isObject(listed)) return malformed("type", "plugins");

  const plugins: Record<string, LockedPlugin> = emptyRecord();
  for (const [name, entry] of Object.entries(listed)) {
    if (!isPluginId(name)) return malformed("plugin-id", name);
    const parsed = parseEntry(name, entry);
    if ("rejection" in parsed) return parsed;
    plugins[name] = parsed.entry;
  }
  return accepted(1, plugins);
}

type EntryOutcome = { readonly entry: LockedPlugin } | (LockfileOutcome & { readonly ok: false });

function parseEntry(plugin: string, entry: unknown): EntryOutcome {
  if (!isObject(entry)) return malformed("type", plugin);
  const unknown = Object.keys(entry).find((key) => !entryKeys.has(key));
  if (unknown !== undefined) return malformed("unknown-key", unknown);
  const missing = ["digest", "surface", "version"].find((key) => !Object.hasOwn(entry, key));
  if (missing !== undefined) return malformed("missing-key", missing);

  const { digest, signers, surface, version } = entry;
  const digests = Array.isArray(digest) ? digest : [digest];
  const foreign = digests.find((text) => typeof text === "string" && isForeign(text));
  if (typeof foreign === "string") {
    const algorithm = foreign.slice(0, foreign.indexOf(":"));
    return refused({ kind: "unsupported_digest_algorithm", plugin, algorithm });
  }
  // A list of one has another spelling, and a repeated or unsorted one has several.
  const plural = !Array.isArray(digest) || digest.length > 1;
  if (!plural || !digests.every(isTreeDigest) || !strictlySorted(digests)) {
    return malformed("digest", plugin);
  }
  if (signers !== undefined && !isSigners(signers)) return malformed("signers", plugin);
  if (!isSurfaceDigest(surface)) return malformed("surface", plugin);
  if (typeof version !== "string" || version.length > 128 || !semver.test(version)) {
    return malformed("version", plugin);
  }
  const kept = {
    digests: Object.freeze(digests),
    surface,
    version,
    ...(signers === undefined ? {} : { signers: Object.freeze(signers) }),
  };
  return { entry: Object.freeze(kept) };
}

function parseLegacy(value: JsonObject, text: string): LockfileOutcome {
  if (!legacyIsPlain(value, text)) return malformed("not-canonical");
  const plugins: Record<string, LockedPlugin> = emptyRecord();
  for (const [name, digest] of Object.entries(value)) {
    if (!isPluginId(name)) return malformed("plugin-id", name);
    if (typeof digest !== "string" || !legacyDigest.test(digest)) return malformed("digest", name);
    plugins[name] = Object.freeze({ digests: Object.freeze([]) });
  }
  return accepted(0, plugins);
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isPluginId = (name: string): name is PluginId =>
  id.test(name) && !name.includes("..") && checkSafePath(name) === undefined;

const isTreeDigest = (value: unknown): value is TreeDigest =>
  typeof value === "string" && treeDigest.test(value);

const isSurfaceDigest = (value: unknown): value is SurfaceDigest =>
  typeof value === "string" && surfaceDigest.test(value);

const isForeign = (digest: string): boolean =>
  /^[a-z0-9][a-z0-9-]{0,31}:/u.test(digest) && !digest.startsWith("tree1-sha256:");

const isSigners = (value: unknown): value is readonly string[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((key) => typeof key === "string" && signer.test(key)) &&
  strictlySorted(value);

const strictlySorted = (list: readonly string[]): boolean =>
  list.every((text, index) => index === 0 || (list[index - 1] ?? "") < text);

function emptyRecord(): Record<string, LockedPlugin> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.create is typed any
  return Object.create(null) as Record<string, LockedPlugin>;
}

const accepted = (version: 0 | 1, plugins: Lockfile["plugins"]): LockfileOutcome =>
  Object.freeze({ ok: true, lock: Object.freeze({ version, plugins: Object.freeze(plugins) }) });

const refused = (rejection: LockfileRejection): LockfileOutcome & { readonly ok: false } =>
  Object.freeze({ ok: false, rejection: Object.freeze(rejection) });

const malformed = (
  reason: LockfileReason,
  key?: string,
  line?: number,
): LockfileOutcome & { readonly ok: false } =>
  refused({
    kind: "lockfile_malformed",
    reason,
    ...(key === undefined ? {} : { key }),
    ...(line === undefined ? {} : { line }),
  });
