import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeWith } from "@sigilrt/testing";
import { expect, it } from "vitest";
import { httpClient, plainClient, textOf } from "./testing/clients.ts";
import { makeGatewayFolder, sample, startGateway } from "./testing/start-gateway.ts";

const server = (plugin: string, published: string): string =>
  join(sample(plugin), `node_modules/@modelcontextprotocol/${published}/dist/index.js`);

/** What `everything` may see: its manifest's variable, and those that the sandbox documents. */
const documented = ["HOME", "LANG", "PATH", "PWD", "SAMPLE_GREETING", "TMPDIR"];

describeWith(["bwrap", "prlimit"], "a published server", () => {
  it("sees the whole environment and any file when it runs plainly, and neither inside", async () => {
    const folder = mkdtempSync(join(tmpdir(), "secret-"));
    const secret = join(folder, "secret.txt");
    writeFileSync(secret, "hunter2", { mode: 0o644 });
    const { env } = process;
    env["SIGIL_TEST_SECRET"] = "hunter3";
    try {
      const plainly = await plainClient(
        process.execPath,
        [server("everything", "server-everything"), "stdio"],
        { PATH: env["PATH"] ?? "", SIGIL_TEST_SECRET: "hunter3" },
      );
      expect(await textOf(plainly, "get-env")).toContain("hunter3");
      await plainly.close();
      const reader = await plainClient(
        process.execPath,
        [server("files", "server-filesystem"), "/"],
        {
          PATH: env["PATH"] ?? "",
        },
      );
      expect(await textOf(reader, "read_text_file", { path: secret })).toBe("hunter2");
      await reader.close();

      await using place = makeGatewayFolder({ plugins: ["everything", "files", "notes", "text"] });
      await using gateway = await startGateway(place.config);
      const inside = await httpClient(gateway.address, gateway.token, "2025-11-25");
      const seen: unknown = JSON.parse(await textOf(inside, "everything.get-env"));
      expect(Object.keys(Object(seen)).toSorted()).toEqual(documented);
      for (const path of [secret, join(place.folder, "gateway.yaml"), "/etc/shadow", "/root"]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expect(await textOf(inside, "files.read_text_file", { path })).toMatch(/^ERROR ENOENT/u);
      }
      // The one folder it may write is its own, and stays between calls.
      const own = { path: "/data/plugins/self/a.txt" };
      await textOf(inside, "files.write_file", { ...own, content: "kept" });
      expect(await textOf(inside, "files.read_text_file", own)).toBe("kept");
      expect(
        await textOf(inside, "files.write_file", { path: "/plugin/a.txt", content: "x" }),
      ).toMatch(/^ERROR EROFS/u);
      await inside.close();
    } finally {
      delete env["SIGIL_TEST_SECRET"];
      rmSync(folder, { recursive: true });
    }
  });
});
