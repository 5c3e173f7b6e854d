/** The rule that an issue is about. The list is closed; a new rule is a minor release. */
export type ManifestRule =
  | "yaml.syntax"
  | "yaml.size"
  | "yaml.depth"
  | "yaml.nodes"
  | "yaml.alias"
  | "yaml.tag"
  | "yaml.duplicate-key"
  | "yaml.documents"
  | "text.encoding"
  | "field.unknown"
  | "field.required"
  | "field.type"
  | "field.value"
  | "field.range"
  | "field.length"
  | "field.count"
  | "field.duplicate"
  | "field.unused"
  | "name.malformed"
  | "name.reserved"
  | "version.not-semver"
  | "engine.not-range"
  | "engine.unsatisfiable"
  | "capability.malformed"
  | "capability.segments"
  | "capability.conflict"
  | "capability.star"
  | "capability.redundant"
  | "capability.no-rationale"
  | "tool.name"
  | "entry.missing-kind"
  | "entry.both"
  | "entry.unsafe-path"
  | "adapter.mismatch"
  | "env.name"
  | "env.reserved"
  | "secret.name"
  | "secret.env-clash"
  | "path.not-canonical"
  | "path.pattern"
  | "network.entry"
  | "network.proxy-required"
  | "container.image"
  | "container.memory"
  | "container.network"
  | "memory.two-values"
  | "duration.malformed"
  | "duration.negative"
  | "duration.range"
  | "size.malformed"
  | "size.range"
  | "config.schema"
  | "config.secret"
  | "dependency.self"
  | "dependency.range"
  | "storage.mount";

/** One thing that is wrong with a manifest, or unwise in it. Frozen. */
export interface ManifestIssue {
  /** An error refuses the manifest; a warning never blocks. */
  readonly severity: "error" | "warning";
  /** The rule it is about. */
  readonly rule: ManifestRule;
  /** Where, as keys and indices, such as `["capabilities", 2]`. */
  readonly path: readonly (string | number)[];
  /** The line, from 1; present whenever text was parsed. */
  readonly line?: number;
  /** The column, from 1; present whenever text was parsed. */
  readonly column?: number;
  /** What was attempted, then what was found. Quotes at most 64 characters of any value, escaped. */
  readonly message: string;
  /** What may have been meant, such as `tier` for `teir`. */
  readonly suggestion?: string;
}

/** Why a manifest is refused: the text is too large, is not UTF-8, is not the YAML that is read, or does not hold a manifest. */
export type ManifestErrorCode = "TOO_LARGE" | "NOT_UTF8" | "YAML_REFUSED" | "INVALID";

const MAX_LINES = 50;

/** A refused manifest, with everything that is wrong with it. */
export class ManifestError extends Error {
  /** The class name, for logs. */
  override readonly name = "ManifestError";
  /** What callers branch on. */
  readonly code: ManifestErrorCode;
  /** Every issue in the order of the document; never empty. */
  readonly issues: readonly ManifestIssue[];

  constructor(
    code: ManifestErrorCode,
    issues: readonly [ManifestIssue, ...ManifestIssue[]],
    options?: ErrorOptions,
  ) {
    super(describe(issues), options);
    this.code = code;
    this.issues = Object.freeze([...issues]);
  }
}

function describe(issues: readonly ManifestIssue[]): string {
  const lines = issues.slice(0, MAX_LINES).map((issue) => {
    const place = issue.line === undefined ? "" : `${issue.line}:${issue.column} `;
    const path = issue.path.length === 0 ? "manifest" : quotePath(issue.path);
    const suggestion = issue.suggestion === undefined ? "" : ` (suggestion: ${issue.suggestion})`;
    return `${place}${issue.rule} ${path}: ${issue.message}${suggestion}`;
  });
  const rest = issues.length - lines.length;
  return [...lines, ...(rest > 0 ? [`and ${rest} more`] : [])].join("\n");
}

/** A path as people write it: keys joined by dots, indices in brackets, hostile keys quoted. */
export function quotePath(path: readonly (string | number)[]): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (/^[A-Za-z_$][\w$-]{0,63}$/u.test(part)) text += text === "" ? part : `.${part}`;
    else text += `[${quote(part)}]`;
  }
  return text;
}

/** At most 64 characters of a hostile text, quoted, with everything escaped that could move a cursor or hide. */
export function quote(text: string): string {
  const shown = JSON.stringify(text.slice(0, 64)).replaceAll(
    /[^\u0020-\u007E]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`,
  );
  return text.length > 64 ? `${shown}…` : shown;
}
