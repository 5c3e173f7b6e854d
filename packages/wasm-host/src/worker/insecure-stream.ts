/** Numbers that look random and are not: the same for the same plugin. */
export interface InsecureStream {
  /** The next 64 bits. */
  next(): bigint;
  /** The next bytes. */
  bytes(length: number): Uint8Array;
}

/** Makes the stream of a digest `sha256:<hex>`, by splitmix64. */
export function createInsecureStream(digest: string): InsecureStream {
  let state = BigInt(`0x${digest.slice("sha256:".length, "sha256:".length + 16)}`);
  const next = (): bigint => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    let mixed = state;
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n);
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
    return mixed ^ (mixed >> 31n);
  };
  return {
    next,
    bytes(length) {
      const words = new BigUint64Array(Math.ceil(length / 8)).map(() => next());
      return new Uint8Array(words.buffer, 0, length).slice();
    },
  };
}
