import { readFile } from "node:fs/promises";
import { join } from "node:path";

const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/u;
const REF = /^ref: (?<ref>refs\/[A-Za-z0-9._/-]{1,512})$/u;

/** The commit of a repository, read from its files; `none` for a folder without one. No program is run in a repository of a stranger. */
export async function baselineOf(repository: string): Promise<string> {
  const git = join(repository, ".git");
  const head = await textOf(join(git, "HEAD"));
  if (COMMIT.test(head)) return head;
  const ref = REF.exec(head)?.groups?.["ref"];
  if (ref === undefined || ref.split("/").includes("..")) return "none";
  const loose = await textOf(join(git, ref));
  if (COMMIT.test(loose)) return loose;
  const packed = (await textOf(join(git, "packed-refs"))).split("\n");
  const line = packed.find((text) => text.endsWith(` ${ref}`)) ?? "";
  const [commit = ""] = line.split(" ");
  return COMMIT.test(commit) ? commit : "none";
}

const textOf = (path: string): Promise<string> =>
  readFile(path, "utf8").then(
    (text) => text.trim(),
    () => "",
  );
