import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client } from "@modelcontextprotocol/client";
import { describeWith } from "@sigilrt/testing";
import { removeFolder } from "@sigilrt/testing/remove-folder";
import { afterAll, beforeAll, expect, it } from "vitest";
import { httpClient, textOf } from "../testing/clients.ts";
import { laySecretPlugins } from "../testing/secret-plugins.ts";
import { runSigilWith, startGateway, type VerbEnd } from "../testing/start-gateway.ts";

let folder: string;
const sigil = (...argv: readonly string[]): Promise<VerbEnd> => given("", ...argv);
const given = (input: string, ...argv: readonly string[]): Promise<VerbEnd> =>
  runSigilWith(input, ...argv, "--config", join(folder, "gateway.yaml"));
const sum = (text: string): string => createHash("sha256").update(text).digest("hex");

async function approve(name: string, input = "", ...more: readonly string[]): Promise<VerbEnd> {
  const added = await sigil("add", join(folder, "sources", name));
  if (added.code !== 0) throw new Error(added.err);
  const review = await sigil("review", name, "--json");
  if (review.code !== 0) throw new Error(review.err);
  const { digest }: { digest: string } = JSON.parse(review.out);
  return given(input, "approve", name, "--digest", digest, "--user", "ada", ...more);
}

/** Everything below a folder that is a file, as text. */
function filesBelow(path: string): readonly string[] {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) return filesBelow(inner);
    return entry.isFile() ? [readFileSync(inner, "latin1")] : [];
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), "vault-"));
  chmodSync(folder, 0o711);
  writeFileSync(
    join(folder, "gateway.yaml"),
    "listen: { port: 0 }\ndata: data\nplugins: {}\nworkspaces: { studio: { allow: [tool.*] } }\nusers: { ada: { permissions: [tool.*], workspaces: [studio] } }\nsandbox: { run_as: { uid: 65534, gid: 65534 } }\nlimits: { rate: { user: 100000 } }\n",
  );
  await laySecretPlugins(join(folder, "sources"));
  await sigil("lock", "init");
});
afterAll(() => removeFolder(folder));

describeWith(["bwrap", "prlimit"], "secrets of a gateway", () => {
  it("are given at the approval, which refuses a name that is not declared", async () => {
    expect(await approve("leaky", "hunter22\n", "--secret", "password")).toMatchObject({
      code: 2,
      err: expect.stringContaining('"leaky" declares no such secret; it declares token'),
    });
    expect(await approve("leaky", "hunter22\n", "--secret", "token")).toMatchObject({ code: 0 });
    expect(await approve("seeded")).toMatchObject({ code: 0 });
    expect(await approve("asking")).toMatchObject({ code: 0 });
    expect((await sigil("secret", "list")).out).toMatch(
      /asking +pass +MISSING\nasking +spare +not set\nleaky +token +set \S+ {2}in API_TOKEN\nseeded +seed +MISSING\n/u,
    );
    expect(await given("x", "secret", "set", "seeded", "token")).toMatchObject({
      code: 3,
      err: expect.stringContaining("declares no secret of this name; it declares seed"),
    });
  });

  it("reach their own plugin alone, by variable, by configuration and by import, and a change restarts it", async () => {
    await using gateway = await startGateway(join(folder, "gateway.yaml"));
    const client = await httpClient(gateway.address, gateway.token, "2026-07-28");
    expect(await textOf(client, "leaky.sum")).toBe(sum("hunter22"));
    expect(await textOf(client, "leaky.names")).toBe("API_TOKEN HOME LANG PATH PWD TMPDIR");

    expect(await textOf(client, "seeded.sum").catch(String)).toMatch(/ERROR|unavailable/u);
    expect(await sigil("start", "seeded")).toMatchObject({
      code: 4,
      err: expect.stringContaining('nobody supplied its secret "seed"'),
    });
    expect(await given("s33d-value", "secret", "set", "seeded", "seed")).toMatchObject({ code: 0 });
    expect(await textOf(client, "seeded.sum")).toBe(sum("s33d-value"));

    expect(await given("wasm-value", "secret", "set", "asking", "pass")).toMatchObject({ code: 0 });
    expect(await asked(client, "pass")).toContain("wasm-value");
    // Declared and not set, another plugin's, and nobody's.
    for (const name of ["spare", "token", "seed", "ghost"]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await asked(client, name)).toContain("not-found");
    }

    expect(await given("rotated-token", "secret", "set", "leaky", "token")).toMatchObject({
      code: 0,
      out: "set token of leaky\n",
    });
    expect(await textOf(client, "leaky.sum")).toBe(sum("rotated-token"));
    await client.close();
    expect(await gateway.stop()).toBe(0);
  });

  it("stand in no log, error, record or file, whatever a plugin says of them", async () => {
    await using gateway = await startGateway(join(folder, "gateway.yaml"));
    const client = await httpClient(gateway.address, gateway.token, "2026-07-28");
    await textOf(client, "leaky.sum");
    await textOf(client, "seeded.sum");
    await client.close();
    const [said, seeded] = [await sigil("logs", "leaky"), await sigil("logs", "seeded")];
    expect(said.out).toContain("starting with [secret]");
    expect(said.out).toContain("in pieces [secret] base64 [secret]");
    expect(seeded.out).toContain("seeded with [secret]");

    const broken = await given("break-value", "secret", "set", "leaky", "token");
    expect(broken).toMatchObject({ code: 4, err: expect.stringContaining("The secret is set.") });
    const shown = [said, seeded, broken, await sigil("list"), await sigil("inspect", "leaky")];
    shown.push(await sigil("audit", "tail", "--limit", "200"), await sigil("logs", "leaky"));
    const ended = await gateway.stop();
    const text = [JSON.stringify(shown), gateway.log(), ...filesBelow(join(folder, "data"))];
    const values = ["hunter22", "rotated-token", "s33d-value", "break-value", "wasm-value"];
    const found = values.filter((value) =>
      text.some((each) => each.includes(value) || each.includes(btoa(value))),
    );
    expect([ended, found]).toEqual([0, []]);
    expect(text.join("\n")).toContain("admin.secret.set.leaky");
    await given("hunter22", "secret", "set", "leaky", "token");
  });

  it("are not handed over with a key that others may read, nor from a box that was moved", async () => {
    const key = join(folder, "data/keys/secrets.key");
    expect((statSync(key).mode & 0o777).toString(8)).toBe("600");
    const boxes = join(folder, "data/keys/secrets");
    chmodSync(key, 0o644);
    {
      await using gateway = await startGateway(join(folder, "gateway.yaml"));
      expect(await sigil("start", "leaky")).toMatchObject({
        code: 4,
        err: expect.stringMatching(/others may reach it \(mode 644\); run chmod 600/u),
      });
      expect((await sigil("doctor")).out).toMatch(/secrets .*mode 644/u);
      chmodSync(key, 0o600);
      copyFileSync(join(boxes, "seeded/seed.json"), join(boxes, "leaky/token.json"));
      expect(await sigil("start", "leaky", "--clear-quarantine")).toMatchObject({
        code: 4,
        err: expect.stringContaining("moved here from another name"),
      });
      expect(await sigil("start", "seeded")).toMatchObject({ code: 0 });
      expect(await gateway.stop()).toBe(0);
    }
    expect(await sigil("secret", "remove", "leaky", "token")).toMatchObject({ code: 0 });
    expect((await sigil("secret", "list")).out).toMatch(/leaky +token +MISSING/u);
    expect(await sigil("audit", "verify")).toMatchObject({ code: 0 });
  });
});

const asked = (client: Client, name: string): Promise<string> =>
  textOf(client, "asking.ask", { what: "secret", key: name });
