/** A move from one pair of positions in two patterns to another, and the token that both take. */
interface Move {
  readonly i: number;
  readonly j: number;
  /** A literal, or a star where both take anything. */
  readonly token: string;
}

interface Position {
  readonly i: number;
  readonly j: number;
}

/**
 * Finds the shortest sequence of literal tokens that both patterns take: a breadth-first search over pairs of
 * positions.
 */
export function shortestCommon(
  p: readonly string[],
  q: readonly string[],
): readonly string[] | undefined {
  if (startsApart(p, q)) return undefined;
  const width = q.length + 1;
  const seen = new Map<number, { readonly before: number; readonly token: string }>();
  const queue: Position[] = [{ i: 0, j: 0 }];
  for (const { i, j } of queue) {
    const before = i * width + j;
    if (i === p.length && j === q.length) return trace(seen, before);
    for (const move of moves(p, q, i, j)) {
      const key = move.i * width + move.j;
      if (seen.has(key)) continue;
      seen.set(key, { before, token: named(move.token, inPath(p, q, i, j)) });
      queue.push(move);
    }
  }
  return undefined;
}

/**
 * Lists every pattern of the intersection as tokens, or `undefined` when there are more than `most`. Each path
 * through the pairs of positions is one; a pair of stars that stays in place is a star.
 */
export function allCommon(
  p: readonly string[],
  q: readonly string[],
  most: number,
): readonly (readonly string[])[] | undefined {
  const width = q.length + 1;
  const known = new Map<number, ReadonlySet<string> | undefined>();
  const from = (i: number, j: number): ReadonlySet<string> | undefined => {
    const key = i * width + j;
    if (!known.has(key)) known.set(key, collect(i, j));
    return known.get(key);
  };
  const collect = (i: number, j: number): ReadonlySet<string> | undefined => {
    const found = new Set<string>();
    if (i === p.length && j === q.length) found.add("");
    for (const move of moves(p, q, i, j)) {
      const rests = from(move.i, move.j);
      if (!rests) return undefined;
      for (const rest of rests) found.add(`${move.token}${SEPARATOR}${rest}`);
      if (found.size > most) return undefined;
    }
    return found;
  };
  const all = from(0, 0);
  return all && [...all].map((text) => text.split(SEPARATOR).slice(0, -1));
}

/** Writes tokens as text. */
export function joinTokens(tokens: readonly string[]): string {
  const root = tokens.indexOf("/");
  if (root === -1) return tokens.join(".");
  const path = tokens
    .slice(root + 1)
    .map((token) => (token === "*" ? "/*" : token))
    .join("");
  return `${tokens.slice(0, root).join(".")}.${path === "" ? "/" : path}`;
}

// No token holds a control character.
const SEPARATOR = "\0";

function moves(p: readonly string[], q: readonly string[], i: number, j: number): readonly Move[] {
  const path = inPath(p, q, i, j);
  const found: Move[] = [];
  for (const [nextI, left] of steps(p, i)) {
    for (const [nextJ, right] of steps(q, j)) {
      if (nextI === i && nextJ === j) continue;
      const token = meet(left, right);
      if (token !== undefined && fits(token, path)) found.push({ i: nextI, j: nextJ, token });
    }
  }
  return found;
}

/** A pattern takes its next token; behind a star it may also stay and take anything. */
function steps(pattern: readonly string[], at: number): readonly (readonly [number, string])[] {
  const found: (readonly [number, string])[] = [];
  const token = pattern[at];
  if (token !== undefined) found.push([at + 1, token]);
  if (pattern[at - 1] === "*") found.push([at, "*"]);
  return found;
}

function meet(left: string, right: string): string | undefined {
  if (left === "*") return right;
  return right === "*" || left === right ? left : undefined;
}

/** Answers whether either pattern has passed its root: from there on only path segments follow. */
function inPath(p: readonly string[], q: readonly string[], i: number, j: number): boolean {
  return isPast(p, i) || isPast(q, j);
}

function isPast(pattern: readonly string[], at: number): boolean {
  const root = pattern.indexOf("/");
  return root !== -1 && at > root;
}

function fits(token: string, path: boolean): boolean {
  if (token === "*") return true;
  if (token === "/") return !path;
  return token.startsWith("/") === path;
}

function named(token: string, path: boolean): string {
  if (token !== "*") return token;
  return path ? "/x" : "x";
}

/** A quick answer for most pairs of a large set: their literals before the first star differ. */
function startsApart(p: readonly string[], q: readonly string[]): boolean {
  for (const [at, left] of p.entries()) {
    const right = q[at];
    if (left === "*" || right === "*") return false;
    if (left !== right) return true;
  }
  return p.length !== q.length;
}

function trace(
  seen: ReadonlyMap<number, { readonly before: number; readonly token: string }>,
  end: number,
): readonly string[] {
  const tokens: string[] = [];
  for (let step = seen.get(end); step; step = seen.get(step.before)) tokens.unshift(step.token);
  return tokens;
}
