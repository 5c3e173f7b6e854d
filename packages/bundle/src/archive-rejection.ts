import type { UnsafePathReason } from "@sigilrt/canonical";
import type { HeaderField } from "./zip-records.ts";

/** Why the frame of an archive is refused: its size, its end record, its directory. All positions and sizes are in bytes. */
export type FrameRejection =
  | {
      /** The archive is larger than it may be. */
      readonly kind: "archive_too_large";
      /** Its size. */
      readonly bytes: number;
      /** The limit. */
      readonly maxBytes: number;
    }
  | {
      /** No end record in the last 65,557 bytes: another format, or cut short. */
      readonly kind: "not_a_zip";
      /** The size of what was given. */
      readonly bytes: number;
    }
  | {
      /** A comment, or bytes after the end record. */
      readonly kind: "trailing_data";
      /** Where the end record begins. */
      readonly endRecordAt: number;
      /** Bytes after it. */
      readonly bytes: number;
      /** Bytes of comment that it claims. */
      readonly commentBytes: number;
    }
  | {
      /** One part of an archive on several disks, or counts that differ. */
      readonly kind: "multi_disk";
      /** The number of this disk. */
      readonly disk: number;
      /** The disk on which the directory begins. */
      readonly directoryDisk: number;
      /** Entries on this disk. */
      readonly entriesOnDisk: number;
      /** Entries in all. */
      readonly entries: number;
    }
  | {
      /** A ZIP64 archive. */
      readonly kind: "zip64_not_allowed";
      /** What says so. */
      readonly sign: "end-record" | "locator";
    }
  | {
      /** The directory does not end where the end record begins. */
      readonly kind: "central_directory_misplaced";
      /** Where it begins, as declared. */
      readonly offset: number;
      /** Its size, as declared. */
      readonly bytes: number;
      /** Where it has to end. */
      readonly endRecordAt: number;
    }
  | {
      /** More entries than there may be. */
      readonly kind: "too_many_entries";
      /** The entries. */
      readonly entries: number;
      /** The limit. */
      readonly maxEntries: number;
    }
  | {
      /** The directory is not as many records as declared, one after the other. */
      readonly kind: "central_directory_malformed";
      /** What is wrong: no record here, a record that reaches past the end, bytes after the last one. */
      readonly reason: "signature" | "bounds" | "length";
      /** Where. */
      readonly at: number;
      /** Where the directory ends. */
      readonly end: number;
    }
  | {
      /** Unpacking would give more bytes than it may. */
      readonly kind: "total_too_large";
      /** The bytes. */
      readonly bytes: number;
      /** The limit. */
      readonly maxBytes: number;
    };

/** Why one entry of an archive is refused. `path` is as the archive has it: hostile text, to be escaped where it is shown. */
export type EntryRejection =
  | {
      /** A name that is not the same everywhere, or leads out. */
      readonly kind: "path_unsafe";
      /** The path; absent when it is not UTF-8. */
      readonly path?: string;
      /** The bytes of a name that is not UTF-8, in hex. */
      readonly pathHex?: string;
      /** The rule that it breaks. */
      readonly reason: UnsafePathReason | "not-utf8";
    }
  | {
      /** An encrypted entry. */
      readonly kind: "encrypted_entry";
      /** The entry. */
      readonly path: string;
      /** Its flags. */
      readonly flags: number;
    }
  | {
      /** Compressed by another method than deflate. */
      readonly kind: "method_not_allowed";
      /** The entry. */
      readonly path: string;
      /** Its method. */
      readonly method: number;
    }
  | {
      /** A link, or a folder. */
      readonly kind: "symlink_entry" | "directory_entry";
      /** The entry. */
      readonly path: string;
    }
  | {
      /** Neither a file, a link nor a path that ends in a slash. */
      readonly kind: "special_file_entry";
      /** The entry. */
      readonly path: string;
      /** What it is. */
      readonly type: "pipe" | "device" | "folder" | "socket" | "unknown";
    }
  | {
      /** The entry is larger than it may be. */
      readonly kind: "entry_too_large";
      /** The entry. */
      readonly path: string;
      /** Its declared size. */
      readonly bytes: number;
      /** The limit. */
      readonly maxBytes: number;
    }
  | {
      /** The entry would grow by more than it may. */
      readonly kind: "compression_ratio";
      /** The entry. */
      readonly path: string;
      /** Its compressed size. */
      readonly compressedBytes: number;
      /** Its declared size. */
      readonly bytes: number;
      /** The limit. */
      readonly maxRatio: number;
    }
  | {
      /** A field of its record in the directory is not what a bundle has there. */
      readonly kind: "noncanonical_header";
      /** The entry. */
      readonly path: string;
      /** The field. */
      readonly field: HeaderField;
      /** What a bundle has there. */
      readonly expected: number;
      /** What stands there. */
      readonly actual: number;
    }
  | {
      /** A path that stands twice. */
      readonly kind: "duplicate_entry";
      /** The path. */
      readonly path: string;
    }
  | {
      /** Two paths that some file system takes for one, or a path that is both file and folder. */
      readonly kind: "path_collision";
      /** The later one. */
      readonly path: string;
      /** The earlier one. */
      readonly other: string;
    }
  | {
      /** The first entry is not the file list. */
      readonly kind: "file_list_missing";
      /** The first entry; absent when there is none. */
      readonly path?: string;
    }
  | {
      /** An entry that does not come after the one before it, by the UTF-8 bytes of their paths. */
      readonly kind: "noncanonical_order";
      /** The entry. */
      readonly path: string;
      /** The one before it. */
      readonly after: string;
    };

/** Why the local entries, which have to follow each other from the first byte on, are refused. */
export type LocalRejection =
  | {
      /** The entry begins within the one before it. */
      readonly kind: "overlapping_entries";
      /** The entry. */
      readonly path: string;
      /** Where it begins, as declared. */
      readonly offset: number;
      /** Where it has to begin. */
      readonly expected: number;
    }
  | {
      /** Bytes that belong to no entry. */
      readonly kind: "hidden_data";
      /** The entry that follows them; absent before the directory. */
      readonly path?: string;
      /** Where they begin. */
      readonly at: number;
      /** How many they are. */
      readonly bytes: number;
    }
  | {
      /** The entry reaches into the directory. */
      readonly kind: "entry_out_of_bounds";
      /** The entry. */
      readonly path: string;
      /** Where it ends, as declared. */
      readonly end: number;
      /** Where the directory begins. */
      readonly directoryAt: number;
    }
  | {
      /** The entry's own header says something else than its record in the directory. */
      readonly kind: "local_header_mismatch";
      /** The entry, as the directory names it. */
      readonly path: string;
      /** The field. */
      readonly field: HeaderField | "name";
      /** What has to stand there; the bytes of a name in hex. */
      readonly expected: number | string;
      /** What stands there. */
      readonly actual: number | string;
    };
