import { hash } from "node:crypto";

const LEAF = Buffer.of(0x00);
const NODE = Buffer.of(0x01);

/** A Merkle tree that grows (RFC 6962), held as its frontier: one hash for each whole subtree. */
export interface MerkleFrontier {
  /** How many leaves there are. */
  readonly size: number;
  /** Adds a leaf. */
  add(leaf: Uint8Array | string): void;
  /** The root, in base64; that of no leaves is the hash of nothing. */
  root(): string;
}

/** Makes a tree without leaves. Memory grows with the logarithm of its size. */
export function createMerkleFrontier(): MerkleFrontier {
  const peaks: Buffer[] = [];
  let size = 0;
  return {
    get size() {
      return size;
    },
    add(leaf) {
      let node = sha256(LEAF, typeof leaf === "string" ? Buffer.from(leaf) : leaf);
      // Every trailing 1 bit of the size is a whole subtree that the new leaf completes.
      for (let bits = size; bits % 2 === 1; bits = Math.floor(bits / 2)) {
        node = sha256(NODE, peaks.pop() ?? LEAF, node);
      }
      peaks.push(node);
      size += 1;
    },
    root() {
      const root = peaks.reduceRight<Buffer | undefined>(
        (right, left) => (right === undefined ? left : sha256(NODE, left, right)),
        undefined,
      );
      return (root ?? sha256()).toString("base64");
    },
  };
}

/** In one call: for inputs as short as these a `Hash` object costs more than the hashing. */
const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  hash("sha256", Buffer.concat(parts), "buffer");
