import type { Client } from "@modelcontextprotocol/client";
import { describeWith } from "@sigilrt/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Era, httpClient, stdioClient, textOf } from "./testing/clients.ts";
import {
  type GatewayFolder,
  makeGatewayFolder,
  type RunningGateway,
  runSigilCommand,
  startGateway,
} from "./testing/start-gateway.ts";

const readers = ["notes.list", "notes.read", "text.compare", "text.count", "text.slug"];

describeWith(["bwrap", "prlimit"], "the sample gateway", () => {
  let place: GatewayFolder;
  let gateway: RunningGateway;
  let bensToken: string;

  beforeAll(async () => {
    place = makeGatewayFolder();
    gateway = await startGateway(place.config);
    const made = ["token", "create", "--user", "ben", "--workspace", "library"];
    const { out, code } = await runSigilCommand(...made, "--config", place.config);
    if (code !== 0) throw new Error("No token could be made for ben");
    bensToken = out.trim();
  });
  afterAll(async () => {
    await gateway.stop();
    await place[Symbol.asyncDispose]();
  });

  it("admits all four plugins", () => {
    expect(gateway.problems).toEqual([]);
  });

  describe.each(["2026-07-28", "2025-11-25"] as const)("to the official client of %s", (era) => {
    const transports = {
      "over HTTP": (user: "ada" | "ben") =>
        httpClient(gateway.address, user === "ada" ? gateway.token : bensToken, era),
      "over standard streams": (user: "ada" | "ben") =>
        stdioClient(place.config, { user, workspace: user === "ada" ? "studio" : "library" }, era),
    };

    describe.each(Object.entries(transports))("%s", (_transport, connect) => {
      it("shows each user other tools, and runs one of each plugin", async () => {
        const ada = await connect("ada");
        expect(namesOf(await ada.listTools())).toEqual(
          expect.arrayContaining([
            ...readers,
            "notes.add",
            "files.read_file",
            "everything.get-sum",
          ]),
        );
        expect(await textOf(ada, "text.count", { text: "one two" })).toContain('"words":2');
        expect(await textOf(ada, "notes.add", { title: "T", text: "hello" })).toBe('Kept "T"');
        expect(await textOf(ada, "notes.read", { title: "T" })).toBe("hello");
        expect(await textOf(ada, "files.list_allowed_directories")).toContain("/");
        expect(await textOf(ada, "everything.get-sum", { a: 2, b: 3 })).toContain("5");
        await ada.close();

        const ben = await connect("ben");
        expect(namesOf(await ben.listTools())).toEqual(readers);
        expect(await textOf(ben, "text.slug", { text: "Ça va?" })).toContain('"slug":"ca-va"');
        // A folder of his own: ada's note is not in it.
        expect(await textOf(ben, "notes.list")).not.toContain("T");
        await ben.close();
      });

      it("says the same of a tool outside a view as of one that does not exist", async () => {
        const ben = await connect("ben");
        const errorOf = (name: string): Promise<unknown> =>
          ben.callTool({ name, arguments: {} }).then(
            () => undefined,
            ({ code, message }: { readonly code: unknown; readonly message: string }) => ({
              code,
              message,
            }),
          );
        const absent = await errorOf("nothing.here");
        expect(absent).toMatchObject({
          code: -32_602,
          message: expect.stringContaining("Unknown tool"),
        });
        expect(await errorOf("notes.add")).toEqual(absent);
        expect(await errorOf("files.read_file")).toEqual(absent);
        await ben.close();
      });
    });
  });

  it("answers a plugin's refusal as the tool's error, in the plugin's words", async () => {
    const ada = await httpClient(gateway.address, gateway.token, "2025-11-25");
    expect(await textOf(ada, "notes.read", { title: "Absent" })).toMatch(
      /^ERROR .*no note "Absent"/u,
    );
    await ada.close();
  });

  it("refuses arguments that the approved schema refuses, before the plugin sees them", async () => {
    const ada = await httpClient(gateway.address, gateway.token, "2025-11-25");
    await expect(textOf(ada, "notes.read", { title: "../T" })).rejects.toThrow("Invalid params");
    await ada.close();
  });

  it.each([
    ["no token", {}],
    ["a token that is none", { authorization: "Bearer sgl_0000000000000000_x" }],
  ])("refuses %s and says how to come in, not why", async (_what, headers) => {
    const response = await fetch(gateway.address, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: "{}",
    });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toMatch(/^Bearer/u);
    expect(await response.text()).not.toMatch(/user|ada|expired|unknown/u);
  });

  it("has everything on record, and the record verifies", async () => {
    const tail = await runSigilCommand(
      "audit",
      "tail",
      "--limit",
      "1000",
      "--config",
      place.config,
    );
    expect(tail.code).toBe(0);
    expect(tail.out).toMatch(/allowed {2}tool\.notes\.add {2}by ada@studio {2}decision audit-/u);
    expect(tail.out).toMatch(/denied {3}tool\.notes\.add {2}\(.*\) {2}by ben@library/u);
    for (const plugin of ["text", "notes", "files", "everything"]) {
      expect(tail.out).toContain(`ok       plugin.admitted  plugin ${plugin}`);
    }
    const verified = await runSigilCommand("audit", "verify", "--config", place.config);
    expect([verified.code, verified.out]).toEqual([
      0,
      expect.stringMatching(/^verifies: \d+ records/u),
    ]);
  });
});

describeWith(["bwrap", "prlimit"], "a gateway with a limit", () => {
  it("refuses a visible tool with a decision that can be looked up, and says when to come again", async () => {
    await using place = makeGatewayFolder({ plugins: ["text", "notes"], callsPerMinute: 1 });
    await using gateway = await startGateway(place.config);
    const ada = await httpClient(gateway.address, gateway.token, "2026-07-28");
    await textOf(ada, "text.count", { text: "" });
    const { isError, content, _meta } = await ada.callTool({
      name: "text.count",
      arguments: { text: "" },
    });
    expect([isError, _meta]).toMatchObject([
      true,
      { "dev.sigilrt/decision": { reason: "limit", retryAfterMs: expect.any(Number) } },
    ]);
    const [, decision] = /decision (?<id>audit-\S+),/u.exec(JSON.stringify(content)) ?? [];
    const { out } = await runSigilCommand(
      "audit",
      "tail",
      "--result",
      "denied",
      "--config",
      place.config,
    );
    expect(out).toContain(`(limit)  by ada@studio  decision ${decision}`);
    const explained = await runSigilCommand(
      "audit",
      "explain",
      String(decision),
      "--config",
      place.config,
    );
    expect([explained.code, explained.err]).toEqual([0, ""]);
    expect(explained.out).toMatch(
      /no matter of rights\nBy the policy as it is now: allowed\n(?:.*\n)* {2}allows {2}plugin .*tool\.text\./u,
    );
    await ada.close();
  });
});

describeWith(["bwrap", "prlimit"], "a client on standard streams", () => {
  const eras: readonly Era[] = ["2026-07-28", "2025-11-25"];

  it.each(eras)("of %s is served without a gateway that runs, by one of its own", async (era) => {
    await using place = makeGatewayFolder({ plugins: ["text", "notes"] });
    const ada = await stdioClient(place.config, { user: "ada", workspace: "studio" }, era);
    expect(await textOf(ada, "text.count", { text: "a b c" })).toContain('"words":3');
    // A second one joins the first instead of opening the folder again.
    const ben = await stdioClient(place.config, { user: "ben", workspace: "library" }, era);
    expect(namesOf(await ben.listTools())).toEqual(readers);
    await ben.close();
    await ada.close();
  });

  it("of a user that the configuration does not know is refused in one line", async () => {
    await using place = makeGatewayFolder({ plugins: ["text", "notes"] });
    const who = ["--user", "eve", "--workspace", "studio", "--config", place.config];
    const { code, out, err } = await runSigilCommand("up", "--stdio", ...who);
    expect([code, out]).toEqual([3, ""]);
    expect(err).toContain(`Cannot serve eve in studio: ${place.config} has no such user`);
  });
});

const namesOf = ({ tools }: Awaited<ReturnType<Client["listTools"]>>): readonly string[] =>
  tools.map(({ name }) => name);
