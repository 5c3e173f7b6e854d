import { describe, expect, it } from "vitest";
import { CapabilitySet, matchCapability } from "@sigilrt/capability";
import { hashSeed, hashText } from "./hash.ts";
import { capabilityGrammar, patternGrammar, scan } from "./scan.ts";
import { SymbolTable } from "./symbol-table.ts";
import { Tokens } from "./tokens.ts";
import { Trie } from "./trie.ts";
import { parsePattern } from "./parse.ts";

const tokens = new Tokens();

function intern(table: SymbolTable, name: string): number {
  scan(name, patternGrammar, table.seed, tokens);
  return table.intern(tokens, 0);
}

function find(table: SymbolTable, name: string): number {
  scan(name, capabilityGrammar, table.seed, tokens);
  return table.find(tokens, 0);
}

/** Names that a table of any size up to `slots` would place in one slot under a known seed. */
function colliding(count: number, seed: number, slots: number): readonly string[] {
  const names: string[] = [];
  for (let number = 0; names.length < count; number += 1) {
    const name = `n${number}`;
    if ((hashText(name, seed) & (slots - 1)) === 0) names.push(name);
  }
  return names;
}

function scatter(number: number, factor: number): string {
  return (Math.imul(number, factor) >>> 0).toString(36).padStart(7, "0");
}

/** Two names with one hash under a known seed. */
function twins(seed: number): readonly [string, string] {
  const known = new Map<number, string>();
  for (let number = 0; ; number += 1) {
    const name = scatter(number, 0x9e3779b1) + scatter(number, 0x85ebca6b);
    const hash = hashText(name, seed);
    const twin = known.get(hash);
    if (twin !== undefined) return [twin, name];
    known.set(hash, name);
  }
}

describe("SymbolTable", () => {
  it("numbers literals once and knows no others", () => {
    const table = new SymbolTable();
    expect([intern(table, "a"), intern(table, "b"), intern(table, "a")]).toEqual([1, 2, 1]);
    expect([find(table, "a"), find(table, "b"), find(table, "c")]).toEqual([1, 2, 0]);
    expect(table.size).toBe(2);
  });

  it("tells literals apart whose hashes are equal", () => {
    const table = new SymbolTable(7);
    const [first, second] = twins(7);
    intern(table, first);
    expect(find(table, second)).toBe(0);
    expect([intern(table, second), find(table, first)]).toEqual([2, 1]);
  });

  it("takes another seed when literals collide under the one it has", () => {
    const seed = 12_345;
    const table = new SymbolTable(seed);
    const names = colliding(70, seed, 1024);
    const symbols = names.map((name) => intern(table, name));
    expect(table.seed).not.toBe(seed);
    expect(names.map((name) => find(table, name))).toEqual(symbols);
    expect(new Set(symbols).size).toBe(70);
  });
});

it("tells names apart whose hashes are equal, with the seed of this process", () => {
  const [first, second] = twins(hashSeed);
  expect(matchCapability(first, second)).toBe(false);
  expect(matchCapability(first, first)).toBe(true);
  expect(CapabilitySet.from([first]).contains(second)).toBe(false);
});

it("answers the same from a trie whose seed changed while patterns were added", () => {
  const seed = 54_321;
  const names = colliding(70, seed, 1024);
  const trie = new Trie(new SymbolTable(seed));
  const root = trie.addRoot();
  for (const name of names) trie.insert(root, parsePattern(`${name}.x.${name}`));
  expect(trie.symbols.seed).not.toBe(seed);
  expect(trie.symbols.size).toBe(71);

  const matched = names.map((name) => {
    scan(`${name}.x.${name}`, capabilityGrammar, trie.symbols.seed, tokens);
    trie.symbols.resolve(tokens);
    return trie.patterns[trie.match(root, tokens)];
  });
  expect(matched).toEqual(names.map((name) => `${name}.x.${name}`));
});
