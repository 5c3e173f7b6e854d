import { CST, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, Parser } from "yaml";
import { errorAt, type Finding, type IssuePath } from "./issue.ts";
import {
  ManifestError,
  type ManifestErrorCode,
  type ManifestIssue,
  type ManifestRule,
  quote,
} from "./manifest-error.ts";
import { type Places, placesOf } from "./places.ts";
import { emptyObject, isDangerousKey, type Plain } from "./snapshot.ts";

/** A decoded text and where each of its values stands. */
export interface ReadYaml {
  readonly value: Plain;
  /** What was refused about keys; the rest was read. */
  readonly findings: readonly Finding[];
  readonly places: Places;
}

const MAX_BYTES = 65_536;
const MAX_DEPTH = 16;
const MAX_NODES = 4_096;
const MAX_SCALAR = 16_384;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Decodes the one YAML document of a manifest: YAML 1.2 core schema, and nothing that could name a thing twice or hide it.
 *
 * @throws {@link ManifestError} `TOO_LARGE`, `NOT_UTF8`, `YAML_REFUSED`; its limits apply before any value is made
 */
export function readYaml(input: string | Uint8Array): ReadYaml {
  const text = decode(input);
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const refusals = checkTokens(tokens);
  const refuse = (findings: readonly Refusal[]): void => {
    const [first, ...rest] = findings.map((finding) => place(finding, lines));
    if (first) throw new ManifestError("YAML_REFUSED", [first, ...rest]);
  };
  refuse(refusals);

  const document = parseDocument(text, {
    schema: "core",
    version: "1.2",
    strict: true,
    uniqueKeys: true,
    stringKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  });
  refuse(
    document.errors.map(({ code, pos, message }) => ({
      rule: ruleOf(code),
      offset: pos[0],
      message: `Cannot read YAML: ${firstLine(message)}`,
    })),
  );

  const places = placesOf(lines);
  const findings: Finding[] = [];
  const refusedKeys: Refusal[] = [];
  const value = toPlain(document.contents, [], { places, findings, refusedKeys });
  refuse(refusedKeys);
  return { value, findings, places };
}

interface Refusal {
  readonly rule: ManifestRule;
  readonly offset: number;
  readonly message: string;
}

function decode(input: string | Uint8Array): string {
  // A text takes at least one byte a unit, so a long one is refused before it is encoded.
  if (input.length > MAX_BYTES)
    return refuseText("TOO_LARGE", "yaml.size", `more than ${MAX_BYTES} bytes`);
  if (typeof input === "string") {
    if (!input.isWellFormed())
      return refuseText("NOT_UTF8", "text.encoding", "half a surrogate pair");
    if (new TextEncoder().encode(input).length > MAX_BYTES) {
      return refuseText("TOO_LARGE", "yaml.size", `more than ${MAX_BYTES} bytes`);
    }
  }
  let text: string;
  try {
    text = typeof input === "string" ? input : decoder.decode(input);
  } catch {
    return refuseText("NOT_UTF8", "text.encoding", "not valid UTF-8");
  }
  if (text.startsWith("\uFEFF")) {
    return refuseText(
      "NOT_UTF8",
      "text.encoding",
      "begins with a byte order mark; save it without",
    );
  }
  return text;
}

function refuseText(code: ManifestErrorCode, rule: ManifestRule, state: string): never {
  const message = `Cannot read manifest: ${state}`;
  const issue: ManifestIssue = { severity: "error", rule, path: [], line: 1, column: 1, message };
  throw new ManifestError(code, [Object.freeze(issue)]);
}

/** Walks the syntax tree without recursion, so that hostile nesting cannot exhaust the stack. */
function checkTokens(tokens: readonly CST.Token[]): readonly Refusal[] {
  const refusals: Refusal[] = [];
  const refuse = (rule: ManifestRule, offset: number, state: string): void => {
    refusals.push({ rule, offset, message: `Cannot read YAML: ${state}` });
  };
  let documents = 0;
  let nodes = 0;
  const open: { readonly token: CST.Token; readonly depth: number }[] = tokens
    .map((token) => ({ token, depth: 0 }))
    .toReversed();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (token.type === "document") {
      documents += 1;
      if (documents === 2) refuse("yaml.documents", token.offset, "a second document");
    }
    if (token.type === "directive") refuse("yaml.syntax", token.offset, "a directive");
    if (token.type === "tag") refuse("yaml.tag", token.offset, "a tag");
    if (token.type === "anchor") refuse("yaml.alias", token.offset, "an anchor");
    if (token.type === "alias") refuse("yaml.alias", token.offset, "an alias");
    if (isScalarToken(token)) {
      nodes += 1;
      if (token.source.length > MAX_SCALAR) {
        refuse("yaml.size", token.offset, `a text over ${MAX_SCALAR} characters`);
      }
      if (token.source === "<<") refuse("yaml.alias", token.offset, "a merge key");
    }
    const collection = CST.isCollection(token);
    if (collection) nodes += 1;
    const inner = depth + (collection ? 1 : 0);
    if (inner > MAX_DEPTH) {
      refuse("yaml.depth", token.offset, `nested deeper than ${MAX_DEPTH}`);
      return refusals;
    }
    if (nodes > MAX_NODES) {
      refuse("yaml.nodes", token.offset, `more than ${MAX_NODES} values`);
      return refusals;
    }
    open.push(
      ...childrenOf(token)
        .map((child) => ({ token: child, depth: inner }))
        .toReversed(),
    );
  }
  return refusals;
}

const scalarTypes = new Set([
  "scalar",
  "single-quoted-scalar",
  "double-quoted-scalar",
  "block-scalar",
]);
const isScalarToken = (token: CST.Token): token is CST.FlowScalar | CST.BlockScalar =>
  scalarTypes.has(token.type);

function childrenOf(token: CST.Token): readonly CST.Token[] {
  const own: CST.Token[] = [];
  if ("start" in token) own.push(...(Array.isArray(token.start) ? token.start : [token.start]));
  if ("value" in token && token.value) own.push(token.value);
  if ("items" in token) {
    for (const item of token.items) {
      own.push(...item.start);
      if ("key" in item && item.key) own.push(item.key);
      if ("sep" in item && item.sep) own.push(...item.sep);
      if ("value" in item && item.value) own.push(item.value);
    }
  }
  return own;
}

interface Conversion {
  readonly places: Places;
  readonly findings: Finding[];
  readonly refusedKeys: Refusal[];
}

function toPlain(node: unknown, path: IssuePath, into: Conversion): Plain {
  if (isNodeWithRange(node)) into.places.value(path, node.range[0], isQuoted(node));
  if (isSeq(node)) return node.items.map((item, index) => toPlain(item, [...path, index], into));
  if (isMap(node)) {
    const object = emptyObject();
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? key.value : undefined;
      const offset = isNodeWithRange(key) ? key.range[0] : 0;
      if (typeof name !== "string") {
        const message = "Cannot read YAML: a key is no text; quote it";
        into.refusedKeys.push({ rule: "field.type", offset, message });
        continue;
      }
      const at = [...path, name];
      into.places.key(at, offset);
      if (isDangerousKey(name)) {
        const message = `Cannot use key ${quote(name)}: no manifest has it`;
        into.findings.push(errorAt(at, "field.unknown", message, { atKey: true }));
        continue;
      }
      object[name] = toPlain(value, at, into);
    }
    return object;
  }
  return isScalar(node) ? plainScalar(node.value, path, into.findings) : null;
}

function plainScalar(value: unknown, path: IssuePath, findings: Finding[]): Plain {
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value !== "number") return null;
  if (Number.isFinite(value)) return value;
  // The core schema knows .inf and .nan, JSON does not.
  findings.push(errorAt(path, "field.type", "Cannot use a number in a manifest: it is not finite"));
  return null;
}

const isNodeWithRange = (
  node: unknown,
): node is Node & { readonly range: [number, number, number] } =>
  typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range);

const isQuoted = (node: unknown): boolean =>
  isScalar(node) && (node.type === "QUOTE_DOUBLE" || node.type === "QUOTE_SINGLE");

function ruleOf(code: string): ManifestRule {
  if (code === "DUPLICATE_KEY") return "yaml.duplicate-key";
  return code === "MULTIPLE_DOCS" ? "yaml.documents" : "yaml.syntax";
}

const firstLine = (message: string): string => quote(message.split("\n", 1)[0] ?? "").slice(1, -1);

function place({ rule, offset, message }: Refusal, lines: LineCounter): ManifestIssue {
  const { line, col } = lines.linePos(offset);
  const at = { line: Math.max(1, line), column: Math.max(1, col) };
  return Object.freeze({ severity: "error", rule, path: [], ...at, message });
}
