import type { CapabilityIssue } from "./capability-error.ts";

/** The rule of the grammar that a text breaks. */
export type GrammarRule =
  | "not-a-string"
  | "empty"
  | "too-long"
  | "too-many-tokens"
  | "too-many-stars"
  | "empty-name"
  | "path-without-name"
  | "slash-in-name"
  | "name-character"
  | "star-in-capability"
  | "partial-star"
  | "empty-segment"
  | "dot-segment"
  | "backslash"
  | "escape"
  | "path-character"
  | "lone-surrogate"
  | "not-nfc";

const hints: Readonly<Record<GrammarRule, string>> = {
  "not-a-string": "it is no string; write a string",
  empty: "it is empty; write at least one name",
  "too-long": "it is longer than the limit; write a shorter one",
  "too-many-tokens": "it has more names and segments than the limit; write fewer",
  "too-many-stars":
    "it has more stars than the limit; one star already covers one or more segments",
  "empty-name": "a name is empty; write one name between two dots and none at the ends",
  "path-without-name": 'a path needs a name before it; write "filesystem.read./data"',
  "slash-in-name": 'a name holds no slash; begin a path with "./", as in "filesystem.read./data"',
  "name-character":
    "a name holds only A-Z a-z 0-9 _ - : @ [ ]; write nothing else, no space either",
  "star-in-capability":
    'a capability has no wildcard; name one thing, and write "%2A" for a file named with a star',
  "partial-star":
    'a star is a whole segment; write "messages.*" instead of "mess*", "./data/*" instead of "./data*", and one star instead of two',
  "empty-segment": "a path segment is empty; write single slashes and none at the end",
  "dot-segment": 'a path holds no "." or ".."; write the resolved path',
  backslash: "a path holds no backslash; write slashes",
  escape: 'the only escapes are "%25" for a percent sign and "%2A" for a star; write no other',
  "path-character":
    "a path holds no control, format, private-use or unassigned character; leave it out",
  "lone-surrogate": "half a surrogate pair is no character; leave it out",
  "not-nfc": "the text is not in Unicode NFC; normalise it",
};

/** Says which rule `input` breaks at `index`, in words for its author. */
export function grammarIssue(input: unknown, rule: GrammarRule, index: number): CapabilityIssue {
  return typeof input === "string"
    ? { input, index, hint: hints[rule] }
    : { input: `(${input === null ? "null" : typeof input})`, index: 0, hint: hints[rule] };
}
