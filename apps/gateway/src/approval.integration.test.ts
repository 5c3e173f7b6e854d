import { appendFileSync, cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeWith } from "@sigilrt/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type ApprovalBench, openApprovalBench } from "./testing/approval-bench.ts";
import { httpClient } from "./testing/clients.ts";
import { startGateway } from "./testing/start-gateway.ts";

let bench: ApprovalBench;
beforeEach(async () => {
  bench = await openApprovalBench();
});
afterEach(() => bench[Symbol.dispose]());

/** What a gateway that starts now shows and answers. */
async function served(): Promise<{
  readonly tools: readonly unknown[];
  readonly problems: readonly string[];
}> {
  await using gateway = await startGateway(bench.config);
  const client = await httpClient(gateway.address, gateway.token, "2026-07-28");
  const { tools } = await client.listTools();
  await client.close();
  const shown = tools.map(({ name, description }) => `${name}: ${description ?? ""}`);
  return { tools: shown, problems: gateway.problems };
}
const installed = (path: string): string => join(bench.folder, "plugins/counter", path);

describeWith(["bwrap", "prlimit"], "approving plugins", () => {
  it("runs nothing of a plugin that was added, and runs it once a person approved it", async () => {
    bench.write("1.0.0", "Counts");
    expect(await bench.sigil("add", bench.source)).toMatchObject({
      code: 0,
      out: expect.stringContaining("Next: sigil review counter"),
    });
    expect(await served()).toEqual({ tools: [], problems: [] });

    const { out } = await bench.sigil("review", "counter");
    expect(out).toMatch(/asks for nothing but its own folder.*count\n {4}\| Counts\n.*--digest/su);
    await bench.approve();
    expect(await served()).toEqual({ tools: ["counter.count: Counts"], problems: [] });
    expect(readFileSync(bench.config, "utf8")).toContain("# mine\n");
    expect((await bench.sigil("audit", "tail")).out).toMatch(/consent\.given.*counter.*by ada/u);
    expect(await bench.sigil("lock", "verify")).toMatchObject({ code: 0 });
  });

  it("shows an update that changes a tool text, and keeps running what was approved until a person agrees", async () => {
    bench.write("1.0.0", "Counts\nwords");
    await bench.sigil("add", bench.source);
    await bench.approve();

    bench.write("1.1.0", "Counts\nwords, and first reads ~/.ssh/id_rsa");
    await bench.sigil("add", bench.source);
    expect((await served()).tools).toEqual(["counter.count: Counts\nwords"]);
    const { out } = await bench.sigil("review", "counter");
    expect(out).toContain(
      '  ~ tool "count", description\n      - words\n      + words, and first reads ~/.ssh/id_rsa\n',
    );
    expect(out).toContain("files changed since it was approved\n  ~ main.mjs\n  ~ plugin.yaml\n");
    await bench.approve();
    expect((await served()).tools).toEqual([
      "counter.count: Counts\nwords, and first reads ~/.ssh/id_rsa",
    ]);
  });

  it("shows an update that asks for more, and locks none of it by itself", async () => {
    bench.write("1.0.0", "Counts");
    await bench.sigil("add", bench.source);
    await bench.approve();

    const more = "capabilities: [{ pattern: filesystem.read./etc/*, description: to count }]\n";
    bench.write("1.1.0", "Counts", more);
    await bench.sigil("add", bench.source);
    const { out } = await bench.sigil("review", "counter");
    expect(out).toContain('may read everything below /etc/  (filesystem.read./etc/*; "to count")');
    expect(out).toContain('+ right "filesystem.read./etc/*" is new');

    cpSync(bench.source, installed("."), { recursive: true });
    expect(await bench.sigil("lock", "update")).toMatchObject({
      code: 4,
      out: expect.stringContaining("counter: it asks for filesystem.read./etc/*"),
    });
    const { tools, problems } = await served();
    expect(tools).toEqual([]);
    expect(problems.join("\n")).toMatch(/counter.*version 1\.1\.0 is not the locked 1\.0\.0/u);
  });

  it("locks changed bytes anew that ask for no more and say nothing else", async () => {
    bench.write("1.0.0", "Counts");
    await bench.sigil("add", bench.source);
    await bench.approve();
    appendFileSync(installed("main.mjs"), "// faster\n");
    expect(await bench.sigil("lock", "verify")).toMatchObject({
      code: 4,
      out: expect.stringMatching(
        /REFUSED {2}counter: integrity_mismatch, expected .*; bring back/u,
      ),
    });
    expect((await served()).tools).toEqual([]);
    expect(await bench.sigil("lock", "update")).toMatchObject({ code: 0 });
    expect(await bench.sigil("lock", "verify")).toMatchObject({ code: 0 });
    expect((await served()).tools).toEqual(["counter.count: Counts"]);
  });

  it("approves the reviewed bytes alone", async () => {
    bench.write("1.0.0", "Counts");
    await bench.sigil("add", bench.source);
    const unreviewed = await bench.sigil(
      "approve",
      "counter",
      "--digest",
      "0".repeat(64),
      "--user",
      "ada",
    );
    expect(unreviewed).toMatchObject({
      code: 3,
      err: expect.stringContaining("nobody has reviewed it"),
    });

    const { digest }: { digest: string } = JSON.parse(
      (await bench.sigil("review", "counter", "--json")).out,
    );
    const approving = (...argv: readonly string[]): ReturnType<ApprovalBench["sigil"]> =>
      bench.sigil("approve", "counter", "--user", "ada", ...argv);
    expect(await approving("--digest", "0".repeat(64))).toMatchObject({ code: 2 });
    expect(await approving("--digest", digest.slice(0, 20))).toMatchObject({ code: 2 });

    const waiting = join(bench.folder, "data/staged/counter/tree/main.mjs");
    writeFileSync(waiting, "process.exit(1);\n");
    expect(await approving("--digest", digest)).toMatchObject({
      code: 3,
      err: expect.stringContaining("its bytes have changed since the review"),
    });
    expect(await served()).toEqual({ tools: [], problems: [] });
  });

  it("refuses tool texts that a person cannot see whole", async () => {
    bench.write("1.0.0", "Counts\u202Esrotagiva dna");
    await bench.sigil("add", bench.source);
    const { code, out } = await bench.sigil("review", "counter");
    expect(code).toBe(4);
    expect(out).toContain('cannot be approved\n  tool "count" holds the hidden character U+202e');
    expect(out).toContain("| Counts\\u{202e}srotagiva dna");
    expect(
      await bench.sigil("approve", "counter", "--digest", "0".repeat(64), "--user", "ada"),
    ).toMatchObject({ code: 3 });
  });

  it("removes what a person rejects, and keeps what was approved", async () => {
    bench.write("1.0.0", "Counts");
    await bench.sigil("add", bench.source);
    await bench.approve();
    bench.write("2.0.0", "Counts more");
    await bench.sigil("add", bench.source);
    expect(await bench.sigil("reject", "counter", "--user", "ada")).toMatchObject({ code: 0 });
    expect((await served()).tools).toEqual(["counter.count: Counts"]);
    expect((await bench.sigil("audit", "tail")).out).toMatch(
      /plugin\.refused {2}\(rejected\).*by ada/u,
    );
    expect((await bench.sigil("reject", "counter", "--user", "ada")).code).toBe(3);
  });

  it("shows a reviewer what a change of the lock changes, in bytes and in tool texts", async () => {
    bench.write("1.0.0", "Counts");
    await bench.sigil("add", bench.source);
    await bench.approve();
    const base = join(bench.folder, "base");
    for (const part of ["gateway.yaml", "plugins.lock", "consents.json", "plugins"]) {
      cpSync(join(bench.folder, part), join(base, part), { recursive: true });
    }
    const verify = (): ReturnType<ApprovalBench["sigil"]> =>
      bench.sigil("lock", "verify", "--base", join(base, "gateway.yaml"));
    expect((await verify()).out).toContain("The lock is the same.");

    bench.write("1.1.0", "Counts twice");
    await bench.sigil("add", bench.source);
    await bench.approve();
    const { code, out } = await verify();
    expect(code).toBe(0);
    expect(out).toMatch(
      /~ counter 1\.0\.0 → 1\.1\.0\n {2}bytes\n {4}- tree1.*\n {4}\+ tree1.*\n {4}~ main\.mjs\n {4}~ plugin\.yaml\n/u,
    );
    expect(out).toContain(
      'agreed to by ada\n    ~ tool "count", description\n        - Counts\n        + Counts twice\n',
    );

    // A digest that was changed by hand fits no bytes.
    const lock = join(bench.folder, "plugins.lock");
    writeFileSync(lock, readFileSync(lock, "utf8").replace(/sha256:[0-9a-f]{4}/u, "sha256:0000"));
    expect(await verify()).toMatchObject({
      code: 4,
      out: expect.stringContaining("REFUSED  counter: integrity_mismatch"),
    });
  });

  it("re-locks a lock of the first design, for plugins that were agreed to", async () => {
    bench.write("1.0.0", "Counts");
    await bench.sigil("add", bench.source);
    await bench.approve();
    const lock = join(bench.folder, "plugins.lock");
    writeFileSync(lock, JSON.stringify({ counter: "a".repeat(64) }));
    expect(await bench.sigil("lock", "verify")).toMatchObject({
      code: 4,
      out: expect.stringContaining("legacy_digest; sigil lock migrate locks it anew"),
    });
    expect(await bench.sigil("lock", "update")).toMatchObject({ code: 3 });
    expect(await bench.sigil("lock", "migrate")).toMatchObject({ code: 0 });
    expect(await bench.sigil("lock", "verify")).toMatchObject({ code: 0 });
  });
});
