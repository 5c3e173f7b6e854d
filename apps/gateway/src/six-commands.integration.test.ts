import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describeWith } from "@sigilrt/testing";
import { removeFolder } from "@sigilrt/testing/remove-folder";
import { afterEach, beforeEach, expect, it } from "vitest";
import { httpClient, textOf } from "./testing/clients.ts";
import { runSigilCommand, sigil } from "./testing/start-gateway.ts";

const script = fileURLToPath(new URL("../demo/six-commands.sh", import.meta.url));
const commandsOf = (shell: string): readonly string[] =>
  shell.split("\n").filter((line) => /^(?:export|sigil) /u.test(line));

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(realpathSync(tmpdir()), "home-"));
  chmodSync(home, 0o711);
});
afterEach(() => removeFolder(home));

describeWith(["bwrap", "prlimit"], "a gateway from nothing", () => {
  it("takes six commands at most, all of them in the README", () => {
    const commands = commandsOf(readFileSync(script, "utf8"));
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    expect(commands.length).toBeLessThanOrEqual(6);
    const told = readme.replaceAll(/ +#.*$/gmu, "");
    for (const command of commands.slice(0, 4)) {
      expect(told).toContain(command.replace(/ \| tee .*/u, ""));
    }
    expect(told).toContain("sigil approve everything --user ada --digest");
    expect(told).toMatch(/^sigil up$/mu);
  });

  it("serves a published server to the official client, with the token of init", async () => {
    // The home is empty for sigil; npm finds what this machine is set up with.
    const env = {
      ...process.env,
      PATH: `${dirname(sigil)}${delimiter}${process.env["PATH"] ?? ""}`,
      HOME: home,
      npm_config_userconfig: join(homedir(), ".npmrc"),
      npm_config_cache: join(homedir(), ".npm"),
      npm_config_prefer_offline: "true",
    };
    const child = spawn("sh", [script, "--json"], { env, stdio: ["ignore", "pipe", "pipe"] });
    const errors = text(child.stderr);
    const ended = once(child, "exit");
    let [token, address] = ["", ""];
    for await (const line of createInterface({ input: child.stdout })) {
      if (/^sgl_\S+$/u.test(line)) token = line;
      if (line.startsWith("{")) ({ address } = JSON.parse(line));
      if (address !== "") break;
    }
    if (address === "") throw new Error(await errors);
    const client = await httpClient(address, token, "2026-07-28");
    expect(await textOf(client, "everything.echo", { message: "hello" })).toBe("Echo: hello");
    const environment = await textOf(client, "everything.get-env");
    expect(environment).not.toContain("SIGIL_CONFIG");
    await client.close();
    child.kill("SIGTERM");
    await ended;
    // npm may have to ask a registry that is far away.
  }, 300_000);
});

describeWith([], "sigil init", () => {
  it("makes nothing in the place of what is there", async () => {
    const config = join(home, "new/gateway.yaml");
    const made = await runSigilCommand("init", "--config", config, "--json");
    expect(made.code).toBe(0);
    const { token, data }: { token: string; data: string } = JSON.parse(made.out);
    expect(token).toMatch(/^sgl_/u);
    expect((statSync(join(data, "keys")).mode & 0o777).toString(8)).toBe("700");
    const before = readFileSync(config, "utf8");
    expect(await runSigilCommand("init", "--config", config)).toMatchObject({
      code: 3,
      out: "",
      err: expect.stringContaining("exists; nothing was changed"),
    });
    expect(readFileSync(config, "utf8")).toBe(before);

    const other = join(home, "other");
    writeFileSync(other, "");
    writeFileSync(join(home, "plugins.lock"), "mine");
    expect(await runSigilCommand("init", "--config", join(home, "gateway.yaml"))).toMatchObject({
      code: 3,
      err: expect.stringContaining('plugins.lock" exists'),
    });
    expect(existsSync(join(home, "gateway.yaml"))).toBe(false);
  });

  it("refuses a name that the configuration could not hold", async () => {
    const config = join(home, "gateway.yaml");
    expect(await runSigilCommand("init", "--user", "a: {}\nb", "--config", config)).toMatchObject({
      code: 2,
    });
    expect(existsSync(config)).toBe(false);
  });

  it("makes tokens that end, lists them without their secrets, and revokes them", async () => {
    const config = join(home, "new/gateway.yaml");
    await runSigilCommand("init", "--user", "ada", "--config", config);
    const whose = ["--user", "ada", "--workspace", "home", "--config", config];
    const made = await runSigilCommand("token", "create", "--expires", "30d", ...whose);
    const [, id = "", secret = ""] = /^sgl_([0-9a-f]{16})_(\S+)\n$/u.exec(made.out) ?? [];
    const list = await runSigilCommand("token", "list", "--config", config);
    expect(list.out.split("\n")).toHaveLength(3);
    expect(list.out).toMatch(
      new RegExp(`^${id} {2}ada in home .* until 20\\d\\d-.* never used$`, "mu"),
    );
    expect(list.out).not.toContain(secret);
    expect(await runSigilCommand("token", "revoke", id, "--config", config)).toMatchObject({
      code: 0,
      out: `revoked ${id}\n`,
    });
    expect(await runSigilCommand("token", "revoke", id, "--config", config)).toMatchObject({
      code: 3,
    });
    expect(
      await runSigilCommand("token", "create", "--expires", "2020-01-01", ...whose),
    ).toMatchObject({ code: 2, out: "" });
  });
});
