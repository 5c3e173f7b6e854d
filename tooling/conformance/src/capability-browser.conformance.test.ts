import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describeWith } from "@sigilrt/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningChromium, startChromium } from "@sigilrt/testing/chromium";

type Capability = typeof import("@sigilrt/capability");
type Forest = typeof import("@sigilrt/capability/forest");

interface Vectors {
  readonly match: readonly {
    readonly pattern: string;
    readonly capability: string;
    readonly match: boolean;
  }[];
  readonly sets: readonly {
    readonly patterns: readonly string[];
    readonly capability: string;
    readonly contains: boolean;
  }[];
  readonly subset: readonly { readonly a: string; readonly b: string; readonly subset: boolean }[];
  readonly overlap: readonly {
    readonly a: string;
    readonly b: string;
    readonly overlap: boolean;
  }[];
}

const require = createRequire(import.meta.url);

describeWith(["chromium"], "@sigilrt/capability as it is built, in Chromium", () => {
  let built: string;
  let server: Server;
  let running: RunningChromium;

  beforeAll(async () => {
    built = await mkdtemp(join(tmpdir(), "capability-"));
    const tsup = join(dirname(require.resolve("tsup/package.json")), "dist/cli-default.js");
    await promisify(execFile)(process.execPath, [tsup, "--out-dir", built], {
      cwd: dirname(require.resolve("@sigilrt/capability/package.json")),
    });
    server = createServer((request, response) => {
      const path = new URL(request.url ?? "/", "http://127.0.0.1").pathname;
      const [type, file] = path.endsWith(".js")
        ? ["text/javascript", join(built, path)]
        : ["application/json", require.resolve("@sigilrt/capability/vectors")];
      if (path === "/") {
        response.setHeader("content-type", "text/html").end("<!doctype html>");
        return;
      }
      readFile(file).then(
        (bytes) => response.setHeader("content-type", type).end(bytes),
        () => response.writeHead(404).end(),
      );
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    running = await startChromium();
  });

  afterAll(async () => {
    await running[Symbol.asyncDispose]();
    server.close();
    await rm(built, { recursive: true });
  });

  it("answers every published case as they say", async () => {
    const page = await running.browser.newPage();
    const address = server.address();
    if (typeof address !== "object" || address === null) throw new TypeError("no port");
    await page.goto(`http://127.0.0.1:${address.port}/`);
    // As text: the test runner would take these imports for its own.
    const capability = await page.evaluateHandle<Capability>('import("/index.js")');
    const forest = await page.evaluateHandle<Forest>('import("/forest.js")');
    const vectors = await page.evaluateHandle<Vectors>(
      'fetch("/vectors").then((answer) => answer.json())',
    );
    const { asked, wrong } = await page.evaluate(differences, { capability, forest, vectors });
    expect(wrong).toEqual([]);
    expect(asked).toEqual(countOf(require("@sigilrt/capability/vectors")));
  });
});

/** Runs in the page, so it may use nothing but its argument. */
function differences({
  capability: { CapabilitySet, matchCapability, overlap, parsePattern, subset },
  forest: { CapabilityForest },
  vectors,
}: {
  readonly capability: Capability;
  readonly forest: Forest;
  readonly vectors: Vectors;
}): { readonly asked: readonly number[]; readonly wrong: readonly string[] } {
  const wrong: string[] = [];
  const expectSame = (what: string, found: unknown, wanted: unknown): void => {
    if (found !== wanted) wrong.push(`${what}: ${String(found)}`);
  };
  const isPattern = (text: string): boolean => {
    try {
      return parsePattern(text) === text;
    } catch {
      return false;
    }
  };
  const forest = new CapabilityForest();
  const wellFormed = vectors.match.filter(({ pattern }) => isPattern(pattern));
  for (const { pattern, capability, match } of vectors.match) {
    expectSame(`${pattern} matches ${capability}`, matchCapability(pattern, capability), match);
  }
  for (const { pattern, capability, match } of wellFormed) {
    const set = CapabilitySet.from([pattern]);
    const root = forest.add(set);
    forest.read(capability);
    const wanted = match ? pattern : undefined;
    expectSame(`a set of ${pattern} explains ${capability}`, set.explain(capability), wanted);
    expectSame(`a forest with ${pattern} matches ${capability}`, forest.match(root), wanted);
  }
  for (const { patterns, capability, contains } of vectors.sets) {
    const found = CapabilitySet.from(patterns).contains(capability);
    expectSame(`${patterns.join(" ")} contains ${capability}`, found, contains);
  }
  for (const row of vectors.subset) {
    expectSame(`${row.a} within ${row.b}`, subset(row.a, row.b), row.subset);
  }
  for (const row of vectors.overlap) {
    const witness = overlap(row.a, row.b);
    expectSame(`${row.a} and ${row.b}`, witness !== undefined, row.overlap);
    for (const pattern of [row.a, row.b]) {
      const isMatched = matchCapability(pattern, witness ?? "");
      expectSame(`${pattern} matches the witness ${witness}`, isMatched, row.overlap);
    }
  }
  const { match, sets, subset: within, overlap: common } = vectors;
  const asked = [match, sets, within, common].map(({ length }) => length);
  return { asked, wrong };
}

const countOf = ({ match, sets, subset, overlap }: Vectors): readonly number[] =>
  [match, sets, subset, overlap].map(({ length }) => length);
