import { once } from "node:events";
import { mkdtemp, readdir, rm, stat, symlink } from "node:fs/promises";
import { createConnection } from "node:net";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { connect as connectTls } from "node:tls";
import { LifecycleError } from "@sigilrt/lifecycle";
import { certificatePem, createOneTimeCertificate } from "@sigilrt/protocol/node";
import { describe, expect, it } from "vitest";
import {
  createProcessHost,
  ProcessHostError,
  type Runner,
  type RunningProcess,
  type Spawned,
  type SpawnRequest,
  unconfinedRunner,
} from "./index.ts";
import { collect } from "./testing/collect.ts";
import { fixtureSpec, processFixture } from "./testing/process-fixture.ts";

const failure = async (
  work: Promise<unknown>,
): Promise<{ readonly outer: unknown; readonly inner: ProcessHostError }> => {
  const outer = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(outer).toBeInstanceOf(LifecycleError);
  const inner = (outer as LifecycleError).cause;
  expect(inner).toBeInstanceOf(ProcessHostError);
  return { outer, inner: inner as ProcessHostError };
};

describe("a start", () => {
  it.each([
    [
      "PROTOCOL",
      "HANDSHAKE_MALFORMED",
      "handshake",
      ["line", `1|1|unix|${"x".repeat(20_000)}|grpc`],
    ],
    ["PROTOCOL", "HANDSHAKE_MALFORMED", "handshake", ["line", "1|1|unix|SOCKET|grpc||true|more"]],
    ["PROTOCOL", "HANDSHAKE_MALFORMED", "handshake", ["endless"]],
    ["PROTOCOL", "HANDSHAKE_MALFORMED", "handshake", ["chatter"]],
    ["PROTOCOL", "CORE_UNSUPPORTED", "handshake", ["line", "2|1|unix|SOCKET|grpc"]],
    ["PROTOCOL", "VERSION_MISMATCH", "handshake", ["line", "1|2|unix|SOCKET|grpc"]],
    [
      "PROTOCOL",
      "CERTIFICATE_MALFORMED",
      "handshake",
      ["line", `1|1|unix|SOCKET|grpc|${"A".repeat(51)}=`],
    ],
    ["START_FAILED", "TLS_FAILED", "handshake", ["line", `1|1|unix|SOCKET|grpc|${"A".repeat(52)}`]],
    ["PROTOCOL", "ADDRESS_REFUSED", "handshake", ["line", "1|1|tcp|192.0.2.1:80|grpc"]],
    ["PROTOCOL", "ADDRESS_REFUSED", "connect", ["line", "1|1|unix|/dev/null|grpc"]],
    ["PROTOCOL", "ADDRESS_REFUSED", "connect", ["line", "1|1|unix|plugin.sock|grpc"]],
    ["PROTOCOL", "ADDRESS_REFUSED", "connect", ["line", "1|1|unix|SOCKET|grpc"]],
    ["PROTOCOL", "ADDRESS_REFUSED", "connect", ["link"]],
    ["START_FAILED", "EXITED_EARLY", "handshake", ["gone"]],
    ["START_FAILED", "HEALTH_MISSING", "health", ["deaf"]],
    ["START_FAILED", "NOT_SERVING", "health", ["unwell"]],
    ["START_FAILED", "INIT_REFUSED", "init", ["unwilling"]],
  ] as const)(
    "fails as %s by %s in step %s for %j, leaving nothing",
    async (code, own, phase, [mode, ...details]) => {
      await using fixture = await processFixture();
      const { outer, inner } = await failure(
        fixture.host.start("x", fixtureSpec(mode, fixture.token, ...details)),
      );
      expect([outer, inner]).toMatchObject([
        { code, phase },
        { code: own, phase },
      ]);
      expect(inner.message).toMatch(/^[\x20-\x7e]{1,600}$/u);
      expect(await fixture.liveProcesses()).toBe(0);
      expect(await fixture.leftovers()).toEqual([]);
    },
  );

  it.each(["1|1|unix|SOCKET|netrpc", "1|1|unix|SOCKET"])(
    "refuses an unsupported wire protocol: %s",
    async (line) => {
      await using fixture = await processFixture();
      const { inner } = await failure(
        fixture.host.start("x", fixtureSpec("line", fixture.token, line)),
      );
      expect(inner.code).toBe("PROTOCOL_UNSUPPORTED");
    },
  );

  it("refuses the socket of another plugin", async () => {
    await using fixture = await processFixture();
    await using other = await fixture.host.start("other", fixture.echo);
    const [folder = ""] = await fixture.leftovers();
    const foreign = join(tmpdir(), folder, "plugin.sock");
    const { inner } = await failure(
      fixture.host.start("x", fixtureSpec("line", fixture.token, `1|1|unix|${foreign}|grpc`)),
    );
    expect(inner.code).toBe("ADDRESS_REFUSED");
    expect(await other.health()).toEqual({ status: "degraded", message: "tired" });
  });

  it("refuses a socket of another user than the plugin's", async () => {
    const base = unconfinedRunner();
    const runner: Runner = {
      ...base,
      spawn: async (request, signal) => ({ ...(await base.spawn(request, signal)), uid: 54_321 }),
    };
    await using fixture = await processFixture({ runner });
    const { inner } = await failure(fixture.host.start("x", fixture.echo));
    expect(inner).toMatchObject({ code: "ADDRESS_REFUSED", phase: "connect" });
    expect(await fixture.liveProcesses()).toBe(0);
  });

  it("lets a runner keep the sockets elsewhere and connect to them itself", async () => {
    const base = unconfinedRunner();
    const elsewhere = await mkdtemp(join(tmpdir(), "elsewhere-"));
    const asked: SpawnRequest[] = [];
    const runner: Runner = {
      ...base,
      toPlugin: ({ network }) => ({ network, address: elsewhere }),
      async spawn(request, signal) {
        asked.push(request);
        const program = await base.spawn(request, signal);
        const connect: Spawned["connect"] = async ({ address }) => {
          const socket = createConnection(address);
          await once(socket, "connect");
          return socket;
        };
        return { ...program, connect };
      },
    };
    await using fixture = await processFixture({ runner });
    await using plugin = await fixture.host.start("x", fixture.echo);
    expect(await plugin.health()).toEqual({ status: "degraded", message: "tired" });
    expect(await readdir(elsewhere)).toEqual(["plugin.sock"]);
    expect(asked).toMatchObject([
      { identity: fixture.echo.identity, ...fixture.echo.entry, root: fixture.echo.root },
    ]);
    await plugin.close();
    await rm(elsewhere, { recursive: true });
  });

  it("starts nothing unconfined for somebody who wants to hear what is refused", async () => {
    await using fixture = await processFixture();
    const spec = { ...fixture.echo, onRefusal: () => undefined };
    await expect(fixture.host.start("x", spec)).rejects.toMatchObject({
      code: "START_FAILED",
      message: expect.stringContaining("not confined"),
    });
    expect(await fixture.leftovers()).toEqual([]);
  });

  it("makes a folder that only its user can enter", async () => {
    await using fixture = await processFixture();
    await using _ = await fixture.host.start("x", fixture.echo);
    const [folder = ""] = await fixture.leftovers();
    const modes = [folder, join(folder, "tmp")].map(
      async (path) => (await stat(join(tmpdir(), path))).mode & 0o777,
    );
    expect(await Promise.all(modes)).toEqual([0o700, 0o700]);
  });

  it("tells how a program ended that ended early, without its secrets", async () => {
    await using fixture = await processFixture();
    const spec = { ...fixtureSpec("gone", fixture.token), secrets: { key: "s3cr3t-value" } };
    const { inner } = await failure(fixture.host.start("x", spec));
    expect(inner.evidence).toMatchObject({
      exit: { code: 3 },
      stderrTail: "[ERROR] cannot find my key [secret]\n",
    });
  });

  it.each([
    ["that serves no TLS", ["line", "1|1|unix|SOCKET|grpc|"], "CERTIFICATE_MISSING"],
    [
      "whose certificate is no base64",
      ["line", `1|1|unix|SOCKET|grpc|${"=".repeat(60)}`],
      "CERTIFICATE_MALFORMED",
    ],
    [
      "whose certificate is none",
      ["line", `1|1|unix|SOCKET|grpc|${"A".repeat(600)}`],
      "CERTIFICATE_MALFORMED",
    ],
    ["that shows a certificate and speaks plain text", ["plain"], "TLS_FAILED"],
    ["that shows the certificate of somebody else", ["other"], "TLS_FAILED"],
  ] as const)(
    "with AutoMTLS refuses a plugin %s, and never goes on in plain",
    async (_, mode, code) => {
      await using fixture = await processFixture({ security: { mtls: "required" } });
      const [name, ...details] = mode;
      const { inner } = await failure(
        fixture.host.start("x", fixtureSpec(name, fixture.token, ...details)),
      );
      expect(inner).toMatchObject({ code });
      expect(await fixture.leftovers()).toEqual([]);
      expect(await fixture.liveProcesses()).toBe(0);
    },
  );

  it("without AutoMTLS refuses a plugin that wants TLS", async () => {
    await using fixture = await processFixture();
    const { certificate } = createOneTimeCertificate();
    const field = Buffer.from(certificate).toString("base64").replaceAll("=", "");
    const spec = fixtureSpec("line", fixture.token, `1|1|unix|SOCKET|grpc|${field}`);
    expect((await failure(fixture.host.start("x", spec))).inner).toMatchObject({
      code: "TLS_FAILED",
    });
  });

  it("with AutoMTLS lets nobody else speak to the plugin's socket", async () => {
    await using fixture = await processFixture({ security: {} });
    await using _ = await fixture.host.start("x", fixture.echo);
    const [folder = ""] = await fixture.leftovers();
    const socket = createConnection(join(tmpdir(), folder, "plugin.sock"));
    const others = createOneTimeCertificate();
    const secured = connectTls({
      socket,
      servername: "localhost",
      cert: certificatePem(others.certificate),
      key: others.privateKey,
      ALPNProtocols: ["h2"],
      rejectUnauthorized: false,
    });
    let answer = 0;
    const closed = new Promise((resolve) => {
      secured.on("error", () => undefined).on("close", resolve);
    });
    secured.on("data", ({ length }: Buffer) => (answer += length));
    await closed;
    expect(answer).toBe(0);
  });

  it("does not happen when it cannot be recorded", async () => {
    const record = async (): Promise<void> => {
      throw new Error("disk full");
    };
    await using fixture = await processFixture({ record });
    const { inner } = await failure(fixture.host.start("x", fixture.echo));
    expect(inner).toMatchObject({ code: "RECORD_FAILED", cause: { message: "disk full" } });
    expect(await fixture.liveProcesses()).toBe(0);
  });

  it("records the start before and the end after", async () => {
    const events: string[] = [];
    await using fixture = await processFixture({
      record: async ({ type, id }) => void events.push(`${type} ${id}`),
    });
    const plugin = await fixture.host.start("x", fixture.echo);
    expect(events).toEqual(["process.starting x"]);
    await plugin.close();
    expect(events).toEqual(["process.starting x", "process.exited x"]);
  });

  it("refuses a variable that belongs to the host, a module and another adapter", async () => {
    await using fixture = await processFixture();
    const given = { ...fixture.echo, environment: { TMPDIR: "/tmp" } };
    expect((await failure(fixture.host.start("x", given))).inner.code).toBe("ENVIRONMENT_REFUSED");
    const wasm = { ...fixture.echo, entry: { module: "a.wasm" } };
    expect((await failure(fixture.host.start("x", wasm))).inner.code).toBe("SPAWN_FAILED");
    await expect(
      fixture.host.start("x", { ...fixture.echo, adapter: "component" }),
    ).rejects.toMatchObject({ code: "TYPE_UNSUPPORTED" });
  });

  // A bare name is a file of the tree, never a program of the system.
  it.each(["../../../../../../bin/true", "/bin/true", "./link", "./missing", "true"])(
    "refuses the program %s, which lies outside the tree or is missing",
    async (program) => {
      await using fixture = await processFixture();
      const root = await mkdtemp(join(tmpdir(), "tree-"));
      await symlink("/bin/true", join(root, "link"));
      const spec = { ...fixture.echo, root, entry: { command: [program] as const } };
      expect((await failure(fixture.host.start("x", spec))).inner.code).toBe("SPAWN_FAILED");
      await rm(root, { recursive: true });
      expect(await readdir(tmpdir())).toEqual([]);
    },
  );

  it("skips a few lines before the handshake and says so", async () => {
    await using fixture = await processFixture();
    const plugin = (await fixture.host.start(
      "x",
      fixtureSpec("stray", fixture.token),
    )) as RunningProcess;
    await plugin.close();
    const [first] = await collect(plugin.logs);
    expect(first).toMatchObject({
      level: "warn",
      message: "2 lines were printed before the handshake",
    });
  });

  it("launches a program by its absolute path alone", async () => {
    await using fixture = await processFixture();
    const { host } = fixture as unknown as { readonly host: ReturnType<typeof createProcessHost> };
    await expect(host.launch({ path: "plugin" })).rejects.toMatchObject({
      name: "ProcessHostError",
      code: "COMMAND_NOT_ABSOLUTE",
    });
    await expect(host.launch({ path: "/no/such/program" })).rejects.toMatchObject({
      code: "SPAWN_FAILED",
      phase: "spawn",
    });
    await expect(host.launch({ path: "/bin/true" })).rejects.toMatchObject({
      code: "EXITED_EARLY",
      evidence: { exit: { code: 0 } },
    });
    await expect(
      host.launch({ path: "/bin/true" }, { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: "CANCELLED" });
  });
});
