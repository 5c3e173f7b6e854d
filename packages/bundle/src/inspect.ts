import type { FileListRow } from "@sigilrt/canonical";
import { BundleError } from "./bundle-error.ts";
import { readCentralDirectory } from "./central-directory.ts";
import { type EntryContent, readContent } from "./content.ts";
import { readEndRecord } from "./end-record.ts";
import { checkFileList } from "./file-list-check.ts";
import { type BundleLimits, resolveLimits } from "./limits.ts";
import { checkDirectory, checkLocalEntries } from "./local-entries.ts";
import { type BundleRejection, refuse, type Refused } from "./rejection.ts";
import type { TreeDigest } from "./tree-digest.ts";

/** A file of a tree. */
export interface BundleFile {
  /** Its path relative to the root. */
  readonly path: string;
  /** Its bytes. */
  readonly content: Uint8Array;
}

/** What a bundle may and must hold. */
export interface InspectOptions {
  /** Defaults: an archive of 256 MiB, 20,000 entries, 64 MiB an entry, 512 MiB in all, 200 bytes for one compressed byte. */
  readonly limits?: Partial<BundleLimits>;
  /** Paths that the bundle must list, such as `plugin.yaml`. */
  readonly required?: readonly string[];
}

/** The tree that an archive holds, or why it holds none. */
export type BundleVerdict =
  | {
      /** The archive is one tree, and every reader sees the same. */
      readonly ok: true;
      /** The tree's identity. */
      readonly digest: TreeDigest;
      /** Its files in the order of the file list, which is not among them; of stored ones the content is a view on the archive. */
      readonly files: readonly BundleFile[];
    }
  | {
      /** The archive is refused. */
      readonly ok: false;
      /** Why: the first check that failed. */
      readonly rejection: BundleRejection;
    };

/** An archive that passed, with what extraction needs. */
export interface InspectedBundle {
  readonly ok: true;
  readonly digest: TreeDigest;
  readonly files: readonly BundleFile[];
  readonly rows: readonly FileListRow[];
  readonly fileList: Uint8Array;
}

/**
 * Says whether an archive is exactly one tree and proves its own content. It runs nothing and writes nothing: bytes in, verdict out.
 * The answer holds for the bytes as they are now; whoever changes them later changes `files`.
 *
 * @throws RangeError for a limit that is no whole number from 0 on, TypeError for what is no `Uint8Array` of unshared memory
 * @throws {@link BundleError} `INTERNAL` when a check itself failed, which is never a pass
 */
export function inspectBundle(bytes: Uint8Array, options: InspectOptions = {}): BundleVerdict {
  const inspected = inspect(bytes, options);
  if (!inspected.ok) return inspected;
  const { digest, files } = inspected;
  return Object.freeze({ ok: true, digest, files });
}

/** As {@link inspectBundle}, with the file list. */
export function inspect(bytes: Uint8Array, options: InspectOptions): InspectedBundle | Refused {
  const limits = resolveLimits(options.limits);
  if (!isOwnBytes(bytes)) {
    throw new TypeError("Cannot inspect bundle: not a Uint8Array of unshared memory");
  }
  try {
    const archive = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    return runChecks(archive, limits, options.required ?? []);
  } catch (cause) {
    throw new BundleError("INTERNAL", "Cannot inspect bundle: a check failed to answer", { cause });
  }
}

/** Shared memory could be written by another thread between a check and the use of what it checked. */
export function isOwnBytes(bytes: unknown): bytes is Uint8Array<ArrayBuffer> {
  return bytes instanceof Uint8Array && bytes.buffer instanceof ArrayBuffer;
}

function runChecks(
  archive: Buffer,
  limits: BundleLimits,
  required: Iterable<string>,
): InspectedBundle | Refused {
  const place = readEndRecord(archive, limits);
  if (!place.ok) return place;
  const directory = readCentralDirectory(archive, place, limits);
  if (!directory.ok) return directory;
  const { entries } = directory;
  const refused = checkDirectory(entries, limits) ?? checkLocalEntries(archive, entries, place);
  if (refused) return refused;

  const contents: EntryContent[] = [];
  for (const entry of entries) {
    const content = readContent(archive, entry);
    if (!content.ok) return content;
    contents.push(content);
  }
  const [list, ...others] = contents;
  if (list === undefined) return refuse({ kind: "file_list_missing" });
  const checked = checkFileList(list.content, others, required);
  if (!checked.ok) return checked;
  const files = others.map(({ path, content }) => Object.freeze({ path, content }));
  return {
    ok: true,
    digest: checked.digest,
    files: Object.freeze(files),
    rows: checked.rows,
    fileList: list.content,
  };
}
