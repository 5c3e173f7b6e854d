import { hash } from "node:crypto";

declare const brand: unique symbol;

/** The identity of a tree: `tree1-sha256:` and 64 lower-case hex digits, as `@sigilrt/integrity` writes it. */
export type TreeDigest = string & {
  /** Made only by hashing a file list. */
  readonly [brand]: "TreeDigest";
};

/** SHA-256 of bytes, 64 lower-case hex digits. */
export function sha256(bytes: Uint8Array): string {
  return hash("sha256", bytes, "hex");
}

/** The digest of the tree whose file list has this SHA-256. */
export function treeDigest(fileListSha256: string): TreeDigest {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one maker of the brand
  return `tree1-sha256:${fileListSha256}` as TreeDigest;
}
