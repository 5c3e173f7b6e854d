import type { LineCounter } from "yaml";
import type { Finding, IssuePath } from "./issue.ts";
import type { ManifestIssue } from "./manifest-error.ts";

/** Where the keys and values of a text stand. */
export interface Places {
  /** Notes where a value begins, and whether a quotation mark comes first. */
  value(path: IssuePath, offset: number, quoted: boolean): void;
  /** Notes where a key begins. */
  key(path: IssuePath, offset: number): void;
  /** Where an issue is, from 1. */
  locate(finding: Finding): { readonly line: number; readonly column: number };
}

interface Place {
  keyAt?: number;
  valueAt?: number;
  quoted?: boolean;
}

/** Makes an empty set of places in a text. */
export function placesOf(lines: LineCounter): Places {
  const places = new Map<string, Place>();
  const at = (path: IssuePath): Place => {
    const name = JSON.stringify(path);
    const place = places.get(name) ?? {};
    places.set(name, place);
    return place;
  };
  return {
    value(path, offset, quoted) {
      Object.assign(at(path), { valueAt: offset, quoted });
    },
    key(path, offset) {
      at(path).keyAt = offset;
    },
    locate({ path, atKey, index }) {
      const { line, col } = lines.linePos(offsetOf(places, path, atKey === true, index));
      return { line: Math.max(1, line), column: Math.max(1, col) };
    },
  };
}

/** The place of the issue, or of the nearest thing around it that is there. */
function offsetOf(
  places: ReadonlyMap<string, Place>,
  path: IssuePath,
  atKey: boolean,
  index: number | undefined,
): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const place = places.get(JSON.stringify(path.slice(0, length)));
    const exact = length === path.length;
    const offset = exact && atKey ? place?.keyAt : (place?.valueAt ?? place?.keyAt);
    if (offset !== undefined) {
      const inside = exact && index !== undefined ? index + (place?.quoted === true ? 1 : 0) : 0;
      return offset + inside;
    }
  }
  return 0;
}

/** Turns findings into issues, in the order of the document; with `places`, each with line and column. */
export function placeFindings(
  findings: readonly Finding[],
  order: (path: IssuePath) => number,
  places: Places | undefined,
): readonly ManifestIssue[] {
  return findings
    .map((finding) => ({ finding, at: places?.locate(finding), rank: order(finding.path) }))
    .toSorted(
      (left, right) =>
        (left.at?.line ?? 0) - (right.at?.line ?? 0) ||
        (left.at?.column ?? 0) - (right.at?.column ?? 0) ||
        left.rank - right.rank,
    )
    .map(({ finding: { severity, rule, path, message, suggestion }, at }) =>
      Object.freeze({
        severity,
        rule,
        path: Object.freeze([...path]),
        ...at,
        message,
        ...(suggestion === undefined ? {} : { suggestion }),
      }),
    );
}
