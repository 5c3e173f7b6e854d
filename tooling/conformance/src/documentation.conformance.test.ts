import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const pages = execFileSync("git", ["ls-files", "*.md"], { cwd: root, encoding: "utf8" })
  .split("\n")
  .filter((path) => path !== "" && existsSync(join(root, path)));

/** The text without its examples, in which brackets are code. */
const proseOf = (text: string): string =>
  text
    .replaceAll(/^```.*?^```/gmsu, "")
    .replaceAll(/`[^`\n]*`/gu, (code) => code.replaceAll(/[[\]()]/gu, "_"));

/** As hosts of repositories make them: lower case, punctuation away, spaces as dashes. */
const anchorsOf = (path: string): ReadonlySet<string> =>
  new Set(
    [...readFileSync(join(root, path), "utf8").matchAll(/^#{1,6} (.+)$/gmu)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );

function brokenLinks(
  page: string,
  text = readFileSync(join(root, page), "utf8"),
): readonly string[] {
  const targets = [...proseOf(text).matchAll(/\]\(([^()\s]+)\)/gu)].map(
    ([, target = ""]) => target,
  );
  return targets.filter((target) => {
    if (/^(?:https?|mailto):/u.test(target)) return false;
    const [path = "", anchor] = target.split("#");
    const file = path === "" ? page : join(dirname(page), path);
    if (!existsSync(join(root, file))) return true;
    if (anchor === undefined) return false;
    return statSync(join(root, file)).isDirectory() || !anchorsOf(file).has(anchor);
  });
}

describe("documentation", () => {
  it.each(pages)("%s links to what is there", (page) => {
    expect(brokenLinks(page)).toEqual([]);
  });

  it("would notice a link to a file or a title that is not there", () => {
    const text = "[a](STYLE.md) [b](no.md) [c](README.md#packages) [d](README.md#none) [e](docs#x)";
    expect(brokenLinks("README.md", text)).toEqual(["no.md", "README.md#none", "docs#x"]);
  });
});
