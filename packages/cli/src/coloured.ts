import type { Terminal } from "./terminal.ts";

const codes = { good: 32, unsure: 33, bad: 31 } as const;

/** Marks a word of our own by colour, on a terminal alone; the word says the same without. Never for text of others, which is escaped. */
export function coloured(
  { isColoured }: Pick<Terminal, "isColoured">,
  tone: keyof typeof codes,
  word: string,
): string {
  return isColoured === true ? `\u001b[${codes[tone]}m${word}\u001b[0m` : word;
}
