import { hashSeed } from "./hash.ts";
import { patternGrammar, scan } from "./scan.ts";
import { OTHER, SymbolTable } from "./symbol-table.ts";
import { Tokens } from "./tokens.ts";
import type { Pattern } from "./vocabulary.ts";

const NONE = 0;
const FIRST_NODES = 8;
const FIRST_EDGES = 8;
const EDGE_CELLS = 4;

// Shared by all tries, since a walk is synchronous. Grown while patterns are added, never during a walk.
let active = new Int32Array(FIRST_NODES);
let next = new Int32Array(FIRST_NODES);
const scratch = new Tokens();

/** Where patterns no longer share nodes. */
interface Tails {
  /** Per node the leaf that it leads to alone, or `NONE`. */
  readonly leaves: Int32Array;
  /** Per leaf the star nearest to it that a walk has reached. */
  readonly furthest: Int32Array;
}

/**
 * Patterns as paths in a trie. Nodes and edges are numbers in flat arrays; one edge table serves all
 * nodes. The order in which patterns were added and the hash seed place edges and change no answer.
 */
export class Trie {
  readonly symbols: SymbolTable;
  readonly patterns: Pattern[] = [];
  #nodes = 1;
  /** The child behind a star, per node. */
  #star = new Int32Array(FIRST_NODES);
  /** The number of the pattern that ends here plus one, per node. */
  #end = new Int32Array(FIRST_NODES);
  /** 1 where the node was reached by a star, which may take one more token. */
  #stays = new Uint8Array(FIRST_NODES);
  /** The step in which a node was last made active. */
  #marks = new Uint32Array(FIRST_NODES);
  #step = 0;
  /** What lets a walk drop nodes; made when a walk first has several, and anew after patterns were added. */
  #tails: Tails | undefined;
  #edges = 0;
  /**
   * Per slot the node an edge leaves, its symbol, the node it leads to and one free cell: what a step reads lies side
   * by side. In three arrays the four-leg check over 1,000 plugins took 390 ns instead of 365.
   */
  #edgeCells = new Int32Array(FIRST_EDGES * EDGE_CELLS);

  constructor(symbols: SymbolTable = new SymbolTable()) {
    this.symbols = symbols;
  }

  /** How many nodes there are. */
  get size(): number {
    return this.#nodes - 1;
  }

  /** Makes an empty set of patterns. */
  addRoot(): number {
    return this.#addNode(0);
  }

  /** Adds a well-formed pattern to the set at `root`. */
  insert(root: number, pattern: Pattern): void {
    this.#tails = undefined;
    let { seed } = this.symbols;
    scan(pattern, patternGrammar, seed, scratch);
    let node = root;
    for (let at = 0; at < scratch.count; at += 1) {
      if (scratch.wild[at] === 1) {
        node = this.#star[node] || this.#addStar(node);
        continue;
      }
      const symbol = this.symbols.intern(scratch, at);
      if (this.symbols.seed !== seed) {
        ({ seed } = this.symbols);
        scan(pattern, patternGrammar, seed, scratch);
      }
      node = this.#find(node, symbol) || this.#addEdge(node, symbol);
    }
    this.#end[node] ||= this.patterns.push(pattern);
  }

  /**
   * Answers the number of a pattern of the set at `root` that takes all tokens, or -1. The symbols of this
   * trie resolve the tokens. The pattern numbered `except` does not count.
   */
  match(root: number, tokens: Tokens, except = -1): number {
    const { count } = tokens;
    let node = root;
    // While one node is active and has no star, a step is one look-up. A token gets its symbol only when the walk
    // comes to it: most walks end at the first token, or at a star.
    for (let at = 0; at < count; at += 1) {
      const star = this.#star[node]!;
      if (star !== NONE) {
        const end = this.#end[star]! - 1;
        // A star that ends a pattern takes whatever follows.
        if (end >= 0 && end !== except) return end;
        return this.#matchMany(node, tokens, at, except);
      }
      const symbol = this.symbols.symbolOf(tokens, at);
      node = this.#find(node, symbol);
      if (node === NONE) return -1;
    }
    const end = this.#end[node]! - 1;
    return end === except ? -1 : end;
  }

  #matchMany(first: number, tokens: Tokens, from: number, except: number): number {
    const { count } = tokens;
    const { leaves, furthest } = (this.#tails ??= this.#findTails());
    const firstStep = this.#step + 1;
    active[0] = first;
    let many = 1;
    for (let at = from; at < count; at += 1) {
      const step = this.#nextStep();
      const symbol = this.symbols.symbolOf(tokens, at);
      let found = 0;
      for (let index = 0; index < many; index += 1) {
        const node = active[index]!;
        const leaf = leaves[node]!;
        // Whatever a node takes on the way to a star further on, that star takes too, once it is reached.
        if (leaf !== NONE && node < furthest[leaf]! && this.#marks[furthest[leaf]!]! >= firstStep)
          continue;
        const star = this.#star[node]!;
        if (star !== NONE) {
          const end = this.#end[star]! - 1;
          // A star that ends a pattern takes whatever follows.
          if (end >= 0 && end !== except) return end;
          found = this.#activate(star, step, found);
          const tail = leaves[star]!;
          const other = furthest[tail]!;
          if (other < star || this.#marks[other]! < firstStep) furthest[tail] = star;
        }
        const literal = this.#find(node, symbol);
        if (literal !== NONE) found = this.#activate(literal, step, found);
        if (this.#stays[node] === 1) found = this.#activate(node, step, found);
      }
      if (found === 0) return -1;
      many = found;
      [active, next] = [next, active];
    }
    for (let index = 0; index < many; index += 1) {
      const end = this.#end[active[index]!]! - 1;
      if (end >= 0 && end !== except) return end;
    }
    return -1;
  }

  /** Finds where patterns run on alone: from there to its leaf a node has one child and no pattern ends. */
  #findTails(): Tails {
    const children = new Int32Array(this.#nodes);
    const child = new Int32Array(this.#nodes);
    for (let cell = 0; cell < this.#edgeCells.length; cell += EDGE_CELLS) {
      const node = this.#edgeCells[cell]!;
      const target = this.#edgeCells[cell + 2]!;
      if (target === NONE) continue;
      children[node]! += 1;
      child[node] = target;
    }
    const leaves = new Int32Array(this.#nodes);
    // A child has a greater number than its parent.
    for (let node = this.#nodes - 1; node > 0; node -= 1) {
      const star = this.#star[node]!;
      const count = children[node]! + (star === NONE ? 0 : 1);
      if (count === 0) leaves[node] = node;
      else if (count === 1 && this.#end[node] === 0) leaves[node] = leaves[star || child[node]!]!;
    }
    return { leaves, furthest: new Int32Array(this.#nodes) };
  }

  #activate(node: number, step: number, found: number): number {
    if (this.#marks[node] === step) return found;
    this.#marks[node] = step;
    next[found] = node;
    return found + 1;
  }

  #nextStep(): number {
    if (this.#step === 0xffff_ffff) {
      this.#marks.fill(0);
      this.#step = 0;
    }
    this.#step += 1;
    return this.#step;
  }

  #find(node: number, symbol: number): number {
    if (symbol === OTHER) return NONE;
    const cells = this.#edgeCells;
    let cell = firstCell(cells, node, symbol);
    while (cells[cell + 2] !== NONE) {
      if (cells[cell] === node && cells[cell + 1] === symbol) return cells[cell + 2]!;
      cell = nextCell(cells, cell);
    }
    return NONE;
  }

  #addStar(node: number): number {
    const star = this.#addNode(1);
    this.#star[node] = star;
    return star;
  }

  #addEdge(node: number, symbol: number): number {
    this.#edges += 1;
    if (this.#edges * 2 * EDGE_CELLS > this.#edgeCells.length) this.#growEdges();
    const target = this.#addNode(0);
    this.#placeEdge(node, symbol, target);
    return target;
  }

  #addNode(stays: 0 | 1): number {
    const node = this.#nodes;
    this.#nodes += 1;
    if (node === this.#star.length) {
      this.#star = grown(this.#star, new Int32Array(node * 2));
      this.#end = grown(this.#end, new Int32Array(node * 2));
      this.#stays = grown(this.#stays, new Uint8Array(node * 2));
      this.#marks = grown(this.#marks, new Uint32Array(node * 2));
      if (active.length < node * 2) {
        active = new Int32Array(node * 2);
        next = new Int32Array(node * 2);
      }
    }
    this.#stays[node] = stays;
    return node;
  }

  #growEdges(): void {
    const cells = this.#edgeCells;
    this.#edgeCells = new Int32Array(cells.length * 2);
    for (let cell = 0; cell < cells.length; cell += EDGE_CELLS) {
      const target = cells[cell + 2]!;
      if (target !== NONE) this.#placeEdge(cells[cell]!, cells[cell + 1]!, target);
    }
  }

  #placeEdge(node: number, symbol: number, target: number): void {
    const cells = this.#edgeCells;
    let cell = firstCell(cells, node, symbol);
    while (cells[cell + 2] !== NONE) cell = nextCell(cells, cell);
    cells[cell] = node;
    cells[cell + 1] = symbol;
    cells[cell + 2] = target;
  }
}

/** Where the search for an edge begins: both the number of cells and that of cells for an edge are powers of two. */
function firstCell(cells: Int32Array, node: number, symbol: number): number {
  return placeOf(node, symbol) & (cells.length - 1) & ~(EDGE_CELLS - 1);
}

function nextCell(cells: Int32Array, cell: number): number {
  return (cell + EDGE_CELLS) & (cells.length - 1);
}

function placeOf(node: number, symbol: number): number {
  const hash = Math.imul(node ^ hashSeed, 0x9e3779b1);
  const mixed = Math.imul(hash ^ (hash >>> 15) ^ symbol, 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}

function grown<Numbers extends Int32Array | Uint32Array | Uint8Array>(
  from: Numbers,
  into: Numbers,
): Numbers {
  into.set(from);
  return into;
}
