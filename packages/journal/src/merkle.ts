import { hash } from "node:crypto";

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
      let node = leafHash(leaf);
      // Every trailing 1 bit of the size is a whole subtree that the new leaf completes.
      for (let bits = size; bits % 2 === 1; bits = Math.floor(bits / 2)) {
        node = nodeHash(peaks.pop() ?? nothing, node);
      }
      peaks.push(node);
      size += 1;
    },
    root() {
      const root = peaks.reduceRight<Buffer | undefined>(
        (right, left) => (right === undefined ? left : nodeHash(left, right)),
        undefined,
      );
      return (root ?? sha256(nothing)).toString("base64");
    },
  };
}

const nothing = Buffer.alloc(0);
const LEAF = Buffer.of(0x00);
const NODE = 0x01;
/** Two hashes behind the mark of a node; filled anew for each. */
const pair = Buffer.alloc(65, NODE);

/** A text is hashed as it is: to encode it first would be another copy. */
const leafHash = (leaf: Uint8Array | string): Buffer =>
  sha256(typeof leaf === "string" ? `\0${leaf}` : Buffer.concat([LEAF, leaf]));

function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  pair.set(left, 1);
  pair.set(right, 33);
  return sha256(pair);
}

/** In one call: for inputs as short as these a `Hash` object costs more than the hashing. */
const sha256 = (input: Uint8Array | string): Buffer => hash("sha256", input, "buffer");
