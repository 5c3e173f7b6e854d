import { parseFileList } from "@sigilrt/canonical";
import { escaped } from "../terminal.ts";

const SHOWN = 50;

/** The files in which two trees differ, by their file lists, one line each; at most fifty and a count of the rest. */
export function fileChangeLines(before: string, after: string): readonly string[] {
  const [was, is] = [rowsOf(before), rowsOf(after)];
  const lines = [...new Set([...was.keys(), ...is.keys()])]
    .toSorted((left, right) => (left < right ? -1 : 1))
    .flatMap((path) => {
      const [old, now] = [was.get(path), is.get(path)];
      if (old === now) return [];
      const sign = old === undefined ? "+" : now === undefined ? "-" : "~";
      return [`${sign} ${escaped(path)}`];
    });
  const rest = lines.length - SHOWN;
  return rest > 0 ? [...lines.slice(0, SHOWN), `… and ${rest} more`] : lines;
}

const rowsOf = (fileList: string): ReadonlyMap<string, string> =>
  new Map(
    parseFileList(new TextEncoder().encode(fileList)).map(({ path, sha256 }) => [path, sha256]),
  );
