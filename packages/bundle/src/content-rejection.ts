import type { FileListReason } from "@sigilrt/canonical";

/** Why the content of an entry is refused. */
export type ContentRejection =
  | {
      /** What is not a deflate stream, or not a whole one. */
      readonly kind: "deflate_corrupt";
      /** The entry. */
      readonly path: string;
      /** The fault in zlib's words, such as `Z_DATA_ERROR`. */
      readonly detail: string;
    }
  | {
      /** Another size than declared. */
      readonly kind: "size_mismatch";
      /** The entry. */
      readonly path: string;
      /** The declared size. */
      readonly expected: number;
      /** The size; absent when it is larger, for inflating stops there. */
      readonly actual?: number;
    }
  | {
      /** Bytes after the deflate stream, within the entry. */
      readonly kind: "deflate_trailing_bytes";
      /** The entry. */
      readonly path: string;
      /** How many. */
      readonly bytes: number;
    }
  | {
      /** Another CRC-32 than declared. */
      readonly kind: "crc_mismatch";
      /** The entry. */
      readonly path: string;
      /** The declared one. */
      readonly expected: number;
      /** That of the content. */
      readonly actual: number;
    }
  | {
      /** `manifest.txt` is no file list. */
      readonly kind: "file_list_malformed";
      /** The rule that it breaks. */
      readonly reason: FileListReason;
      /** The line at fault, from 1. */
      readonly line?: number;
    }
  | {
      /**
       * A listed file that the archive lacks, a file that is not listed, or a path of `required` that is not listed.
       */
      readonly kind: "listed_file_missing" | "unlisted_file" | "required_file_missing";
      /** The file. */
      readonly path: string;
    }
  | {
      /** A file whose bytes are not those that the list names. */
      readonly kind: "file_hash_mismatch";
      /** The file. */
      readonly path: string;
      /** The listed SHA-256. */
      readonly expected: string;
      /** The SHA-256 of the file. */
      readonly actual: string;
    };
