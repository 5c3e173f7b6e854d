import { CapabilitySet } from "./capability-set.ts";
import { capabilityGrammar, scan } from "./scan.ts";
import { Tokens } from "./tokens.ts";
import { Trie } from "./trie.ts";
import type { Pattern } from "./vocabulary.ts";

/**
 * Many sets over one symbol table and one edge table: a capability is read once and then matched against
 * each set. Synchronous and not re-entrant: `match` speaks of the capability that was read last.
 */
export class CapabilityForest {
  readonly #tokens = new Tokens();
  readonly #sets = new Map<number, Member>();
  #trie = new Trie();
  #nextRoot = 1;
  /** Nodes of sets that were removed. They are left where they are until half of all nodes are dead. */
  #dead = 0;
  #hasRead = false;

  /** How many sets there are. */
  get size(): number {
    return this.#sets.size;
  }

  /**
   * Adds a set and returns its root, which stays valid until it is removed.
   *
   * @throws TypeError when `set` is no `CapabilitySet`
   */
  add(set: CapabilitySet): number {
    if (!(set instanceof CapabilitySet)) {
      throw new TypeError("Cannot add to the forest: pass a CapabilitySet");
    }
    const root = this.#nextRoot;
    this.#nextRoot += 1;
    this.#sets.set(root, this.#plant(set));
    this.#hasRead = false;
    return root;
  }

  /** Removes the set of a root; `false` when there is none. Roots are never given out again. */
  remove(root: number): boolean {
    const member = this.#sets.get(root);
    if (!member) return false;
    this.#sets.delete(root);
    this.#dead += member.nodes;
    if (this.#dead * 2 > this.#trie.size) this.#rebuild();
    return true;
  }

  /** Reads a capability for the matches that follow. `false` when it is malformed: then nothing matches. */
  read(capability: string): boolean {
    const { symbols } = this.#trie;
    this.#hasRead =
      typeof capability === "string" &&
      scan(capability, capabilityGrammar, symbols.seed, this.#tokens);
    if (this.#hasRead) symbols.resolve(this.#tokens);
    return this.#hasRead;
  }

  /**
   * Returns a pattern of the set at `root` that covers the capability read last: the one that `explain` of
   * the set returns. `undefined` when none does, when there is no such root, and when nothing was read since sets were added or rebuilt.
   */
  match(root: number): Pattern | undefined {
    const member = this.#sets.get(root);
    if (!member || !this.#hasRead) return undefined;
    return this.#trie.patterns[this.#trie.match(member.node, this.#tokens)];
  }

  #plant(set: CapabilitySet): Member {
    const before = this.#trie.size;
    const node = this.#trie.addRoot();
    for (const pattern of set.patterns) this.#trie.insert(node, pattern);
    return { set, node, nodes: this.#trie.size - before };
  }

  #rebuild(): void {
    this.#trie = new Trie();
    this.#dead = 0;
    this.#hasRead = false;
    for (const [root, { set }] of this.#sets) this.#sets.set(root, this.#plant(set));
  }
}

interface Member {
  readonly set: CapabilitySet;
  readonly node: number;
  readonly nodes: number;
}
