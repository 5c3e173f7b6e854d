const random = globalThis.crypto.getRandomValues(new Int32Array(1)); // oxlint-disable-line no-restricted-globals -- the one use of randomness: it places literals in hash tables and never changes an answer

/** Seeds the hash tables of this process, so that nobody can prepare colliding literals. */
export const hashSeed: number = random[0] ?? 0;

/** Adds one code unit to a hash. */
export function hashStep(hash: number, unit: number): number {
  return Math.imul(((hash << 5) | (hash >>> 27)) ^ unit, 0x9e3779b1);
}

/** Brings the high bits of a finished hash, which differ most, to the low ones, which place it. */
export function hashEnd(hash: number): number {
  return hash ^ (hash >>> 15);
}

/** Hashes a whole text the way `scan` hashes a token. */
export function hashText(text: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < text.length; at += 1) hash = hashStep(hash, text.charCodeAt(at));
  return hashEnd(hash);
}
