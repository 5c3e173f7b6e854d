/**
 * Byte-exact text: canonical JSON, safe relative paths, fold keys and file lists. Pure, without dependencies; runs in browsers.
 *
 * @packageDocumentation
 */

export {
  CanonicalError,
  type CanonicalErrorCode,
  type CanonicalErrorOptions,
  type CanonicalErrorReason,
} from "./canonical-error.ts";
export {
  canonicalize,
  type JsonValue,
  type NotCanonicalReason,
  type NotRepresentableReason,
  parseCanonical,
  type ParseCanonicalOptions,
} from "./canonical-json.ts";
export {
  type FileListReason,
  type FileListRow,
  formatFileList,
  parseFileList,
} from "./file-list.ts";
export { foldKey } from "./fold-key.ts";
export { checkSafePath, parseSafePath, type SafePath, type UnsafePathReason } from "./safe-path.ts";
