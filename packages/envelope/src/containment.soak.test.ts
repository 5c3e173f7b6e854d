import { spawn } from "node:child_process";
import { once } from "node:events";
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Access, type Envelope, openContained } from "@sigilrt/envelope";
import { count } from "@sigilrt/testing/counts";
import fc from "fast-check";
import { expect, it } from "vitest";
import { NOW, OPERATION, Playground } from "./fixtures/playground.ts";

const accesses = ["read", "write", "append", "truncate", "create", "replace"] as const;

/** Opens, reads what can be read, and leaves a mark; a file that cannot be opened is an ordinary answer. */
async function probe(envelope: Envelope, path: string, access: Access): Promise<string> {
  const request = { operation: OPERATION, path, access, now: NOW };
  const outcome = await openContained(envelope, request).catch(() => undefined);
  if (outcome === undefined || !outcome.ok) return outcome?.reason ?? "io";
  await using file = outcome.file;
  const text = await file.handle.readFile("utf8");
  expect(text).not.toContain("SECRET");
  expect(text).not.toContain("DENIED");
  if (access !== "read") await file.handle.write("mark");
  const published = await file.publish().catch(() => undefined);
  return published?.ok === true ? "open" : "unpublished";
}

it(`hands out nothing outside the root in ${count("calls")} paths of any segments, over links of every kind`, async () => {
  using place = new Playground();
  place.put("denied/file", "DENIED");
  for (const path of ["a", "b/a", "b/b/a", "out/a"]) place.put(path, "inside");
  const outside = join(place.folder, "outside");
  symlinkSync(outside, join(place.root, "link"));
  symlinkSync("../../outside", join(place.root, "b/link"));
  symlinkSync(place.secret, join(place.root, "b/file"));
  symlinkSync("../denied", join(place.root, "b/c"));
  symlinkSync("nowhere", join(place.root, "dangling"));
  symlinkSync("loop", join(place.root, "loop"));
  symlinkSync(".", join(place.root, "self"));
  symlinkSync("/", join(place.root, "slash"));
  linkSync(place.secret, join(place.root, "hard"));
  const envelope = await place.envelope({ allowPaths: ["**"], denyPaths: ["denied"] });

  const known = ["a", "b", "c", "out", "link", "file", "dangling", "loop", "self", "slash", "hard"];
  const segment = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...known) },
    { weight: 4, arbitrary: fc.constantFrom("..", ".", "", "denied", "outside", "secret.txt") },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 6 }) },
  );
  const prefix = fc.constantFrom("", "", "", "/", `${place.root}/`, `${place.folder}/outside/`);
  const path = fc
    .tuple(prefix, fc.array(segment, { minLength: 1, maxLength: 6 }))
    .map(([start, segments]) => start + segments.join("/"));
  const answers = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(path, fc.constantFrom(...accesses), async (asked, access) => {
      const answer = await probe(envelope, asked, access);
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    }),
    { numRuns: count("calls") },
  );
  expect(readFileSync(place.secret, "utf8")).toBe("SECRET");
  expect(readFileSync(join(place.root, "denied/file"), "utf8")).toBe("DENIED");
  expect(readdirSync(outside)).toEqual(["secret.txt"]);
  // The paths are worth something: many lead somewhere.
  expect(answers.get("open") ?? 0).toBeGreaterThan(0);
  expect(answers.get("symlink_escape") ?? 0).toBeGreaterThan(0);
});

it(`hands out nothing outside the root in ${count("calls")} rounds against a process that renames`, async () => {
  using place = new Playground();
  place.put("denied/file", "DENIED");
  place.put("out/swapped/file", "inside");
  const outside = join(place.folder, "outside");
  mkdirSync(join(outside, "sub"));
  const envelope = await place.envelope({
    allowPaths: ["out/**"],
    denyPaths: ["denied", "out/away"],
  });
  const script = fileURLToPath(new URL("fixtures/rename-for-ever.mjs", import.meta.url));
  const renamer = spawn(process.execPath, [script, place.root, outside], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(renamer, "exit");
  try {
    await once(renamer.stdout, "data");
    const answers = new Map<string, number>();
    for (let round = 0; round < count("calls"); round += 1) {
      const access = accesses[round % accesses.length] ?? "read";
      // A handle that replaces would leave its mark in the place of the file, and the game would end.
      const name = access === "create" || access === "replace" ? `new-${round}` : "file";
      // oxlint-disable-next-line no-await-in-loop -- one round after the other, against one opponent
      const answer = await probe(envelope, `out/swapped/${name}`, access);
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
      if (answer === "open" && name !== "file") {
        rmSync(join(place.root, "out/swapped", name), { force: true });
      }
    }
    expect(answers.get("open") ?? 0).toBeGreaterThan(0);
    expect(answers.get("symlink_escape") ?? 0).toBeGreaterThan(0);
  } finally {
    renamer.kill("SIGKILL");
    await exited;
  }
  expect(readFileSync(place.secret, "utf8")).toBe("SECRET");
  expect(readFileSync(join(place.root, "denied/file"), "utf8")).toBe("DENIED");
  const strangers = readdirSync(outside).filter((name) => name.startsWith("new-"));
  expect(strangers).toEqual([]);
});
