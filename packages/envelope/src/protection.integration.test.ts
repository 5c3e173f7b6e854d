import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import {
  type Access,
  decide,
  type Envelope,
  openContained,
  removeContained,
  renameContained,
} from "@sigilrt/envelope";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NOW, OPERATION, Playground } from "./fixtures/playground.ts";

let place: Playground;
beforeEach(() => {
  place = new Playground();
});
afterEach(() => {
  place[Symbol.dispose]();
});

/** What a gateway protects, as paths below the root; trees end in the file that is attacked. */
const inside = [
  "gateway/src/main.js",
  "plugins.lock",
  "plugins.lock.sig",
  "envelope.yaml",
  "gateway.yaml",
  "data/journal.jsonl",
  "data/journal.jsonl.torn",
  "data/journal.jsonl.checkpoints",
  "data/store/tree1-sha256/aa/plugin.yaml",
  "plugins/notes/index.js",
  ".git/hooks/pre-commit",
] as const;
const objects = [...inside, "outside/policy.yaml"] as const;

type Attack = (envelope: Envelope, path: string) => Promise<{ readonly ok: boolean }>;
const opening =
  (access: Access, change: (handle: Parameters<typeof touch>[0]) => Promise<unknown>): Attack =>
  async (envelope, path) => {
    const outcome = await openContained(envelope, { operation: OPERATION, path, access, now: NOW });
    if (!outcome.ok) return outcome;
    await change(outcome.file.handle);
    await outcome.file.publish();
    await outcome.file.close();
    return outcome;
  };
type Handle = Extract<Awaited<ReturnType<typeof openContained>>, { ok: true }>["file"]["handle"];
const touch = (handle: Handle): Promise<void> => handle.utimes(0, 0);
const at = { operation: OPERATION, now: NOW };

/** Every way of changing something that this package offers. */
const attacks: Readonly<Record<string, Attack>> = {
  write: opening("write", (handle) => handle.write("x")),
  create: opening("create", (handle) => handle.write("x")),
  replace: opening("replace", (handle) => handle.write("x")),
  truncate: opening("truncate", touch),
  append: opening("append", (handle) => handle.write("x")),
  chmod: opening("read", (handle) => handle.chmod(0o777)),
  chown: opening("read", (handle) => handle.chown(0, 0)),
  "set times": opening("read", touch),
  delete: (envelope, path) => removeContained(envelope, { ...at, path }),
  "rename from": (envelope, path) => renameContained(envelope, { ...at, path, to: "free/taken" }),
  "rename to": (envelope, to) => renameContained(envelope, { ...at, path: "free/file", to }),
  // Links are made by nobody here; a tool that makes them is decided about by both of its names.
  link: (envelope, path) =>
    Promise.resolve({
      ok: decide(envelope, { ...at, paths: ["free/x", path], estimateUsd: "0" }, NOW).allowed,
    }),
};

/** Other names of an object, which lead to it or fold to it. */
function aliasesOf(path: string, at_: string): readonly string[] {
  const name = basename(path);
  const names = ["soft", "hard", "folder"].map((kind) => `free/${kind}-${name}`);
  symlinkSync(at_, join(place.root, names[0] ?? ""));
  linkSync(at_, join(place.root, names[1] ?? ""));
  symlinkSync(dirname(at_), join(place.root, names[2] ?? ""));
  const written = path.startsWith("outside/") ? [at_, `../${path}`] : [path, at_, ...cases(path)];
  return [...written, names[0] ?? "", names[1] ?? "", `${names[2]}/${name}`];
}

const cases = (path: string): readonly string[] => [
  path.toUpperCase(),
  path.replaceAll("s", "ſ"),
  `${path}/below`,
];

const ancestorsOf = (path: string): readonly string[] =>
  path
    .split("/")
    .slice(0, -1)
    .map((_, depth) =>
      path
        .split("/")
        .slice(0, depth + 1)
        .join("/"),
    );

/** Every name below a folder; no link is followed. */
function treeOf(folder: string): readonly string[] {
  const names: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    names.push(path);
    if (entry.isDirectory()) names.push(...treeOf(path));
  }
  return names;
}

const stateOf = (path: string): unknown => {
  const { ino, mode, uid, mtimeMs } = statSync(path);
  return { text: readFileSync(path, "utf8"), ino, mode, uid, mtimeMs };
};

describe("protected objects", () => {
  it.each(Object.keys(attacks))(
    "refuses %s of each of them, by every name and through every folder above",
    async (kind) => {
      const attack = attacks[kind];
      if (attack === undefined) throw new Error("no attack");
      const files = objects.map((path) =>
        path.startsWith("outside/")
          ? place.put(`../${path}`, `rules of ${path}`)
          : place.put(path, `rules of ${path}`),
      );
      place.put("free/file");
      const trees = ["gateway", "data/store", "plugins", ".git"].map((path) =>
        join(place.root, path),
      );
      const envelope = await place.envelope({ allowPaths: ["**"] }, [...files, ...trees]);
      const names = objects.flatMap((path, n) => aliasesOf(path, files[n] ?? ""));
      const above = inside.flatMap(ancestorsOf);
      const before = files.map(stateOf);
      const tree = treeOf(place.folder);

      for (const name of [...names, ...above]) {
        // Only "link" is decided by names alone: what its paths lead to is looked at when they are opened.
        if (kind === "link" && /^free\/(?:soft|hard|folder)/u.test(name)) continue;
        // oxlint-disable-next-line no-await-in-loop -- one attack after the other
        const answer = await attack(envelope, name).catch(() => ({ ok: false }));
        expect([name, answer.ok]).toEqual([name, false]);
      }
      expect(files.map(stateOf)).toEqual(before);
      expect(treeOf(place.folder)).toEqual(tree);
    },
  );

  it("says that it is protection which refuses", async () => {
    const lock = place.put("plugins.lock");
    linkSync(lock, join(place.root, "out/hard"));
    symlinkSync(place.root, join(place.root, "out/up"));
    const envelope = await place.envelope({ allowPaths: ["**"] }, [lock]);
    for (const path of ["plugins.lock", "PLUGINS.LOCK", "out/hard", "out/up/plugins.lock"]) {
      const request = { operation: OPERATION, path, access: "write", now: NOW } as const;
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await openContained(envelope, request)).toEqual({
        ok: false,
        reason: "protected_path",
      });
    }
  });

  it("refuses writes outside every root and to every protected object", async () => {
    // The original let every path outside the repository pass: it looked whether the path was below a protected one of the repository.
    const policy = place.put("../outside/policy.yaml", "rules");
    const lock = place.put("plugins.lock", "lock");
    const envelope = await place.envelope({ allowPaths: ["**"] }, [policy, lock]);
    for (const [path, reason] of [
      ["/etc/passwd", "path_outside_root"],
      [policy, "path_outside_root"],
      [place.secret, "path_outside_root"],
      ["../outside/policy.yaml", "path_unsafe"],
      [lock, "protected_path"],
      ["plugins.lock", "protected_path"],
    ] as const) {
      const request = { operation: OPERATION, path, access: "write", now: NOW } as const;
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await openContained(envelope, request)).toEqual({ ok: false, reason });
    }
    expect([readFileSync(policy, "utf8"), readFileSync(lock, "utf8")]).toEqual(["rules", "lock"]);
  });

  it("keeps the place of an object that does not exist yet", async () => {
    const envelope = await place.envelope({ allowPaths: ["**"] }, [
      join(place.root, "data/journal.jsonl.torn"),
    ]);
    mkdirSync(join(place.root, "data"));
    const request = { operation: OPERATION, path: "data/journal.jsonl.torn", now: NOW } as const;
    expect(await openContained(envelope, { ...request, access: "create" })).toEqual({
      ok: false,
      reason: "protected_path",
    });
    expect(readdirSync(join(place.root, "data"))).toEqual([]);
  });

  it("protects what a link leads to, and the link", async () => {
    const real = place.put("real/lock");
    symlinkSync(real, join(place.root, "plugins.lock"));
    const envelope = await place.envelope({ allowPaths: ["**"] }, [
      join(place.root, "plugins.lock"),
    ]);
    for (const path of ["plugins.lock", "real/lock", "real"]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await removeContained(envelope, { ...at, path })).toMatchObject({
        reason: "protected_path",
      });
    }
    expect(lstatSync(join(place.root, "plugins.lock")).isSymbolicLink()).toBe(true);
  });
});
