import { mkdtempSync, rmSync, statSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { crossBridge, openBridge, type ServeStdio } from "./bridge.ts";

const ada = { user: "ada", workspace: "home" };
const echo: ServeStdio = async (_owner, { input, output }) =>
  pipeline(input, output, { end: false });

let run: string;
beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), "bridge-"));
});
afterEach(() => rmSync(run, { recursive: true }));

describe("the bridge of a gateway", () => {
  it("carries the streams of a user it knows, whatever the pieces they come in", async () => {
    const bridge = await openBridge(run, ({ user }) => user === "ada", echo);
    const [input, output] = [new PassThrough(), new PassThrough()];
    const crossed = crossBridge(run, ada, { input, output });
    input.end("one\ntwo\n");
    expect(await crossed).toBe("ended");
    output.end();
    expect(await text(output)).toBe("one\ntwo\n");
    await bridge.close();
  });

  it("says that there is none, and takes the place of one that was killed", async () => {
    const streams = { input: new PassThrough(), output: new PassThrough() };
    expect(await crossBridge(run, ada, streams)).toBe("absent");
    await openBridge(run, () => true, echo);
    const second = await openBridge(run, () => true, echo);
    streams.input.end();
    expect(await crossBridge(run, ada, streams)).toBe("ended");
    await second.close();
  });

  it("refuses a user it does not know", async () => {
    const bridge = await openBridge(run, ({ user }) => user === "ada", echo);
    const streams = { input: new PassThrough(), output: new PassThrough() };
    expect(await crossBridge(run, { user: "eve", workspace: "home" }, streams)).toBe(
      "unknown_user",
    );
    await bridge.close();
  });

  it.each([["no JSON"], ['"ada"'], ['{"user":1,"workspace":"home"}'], ["x".repeat(2_000)]])(
    "ends a greeting that is none and goes on: %s",
    async (greeting) => {
      const bridge = await openBridge(run, () => true, echo);
      const socket = createConnection(join(run, "bridge/mcp.sock"));
      socket.on("error", () => undefined);
      socket.write(`${greeting}\n`);
      socket.resume();
      await once(socket, "close");
      const input = new PassThrough();
      input.end();
      expect(await crossBridge(run, ada, { input, output: new PassThrough() })).toBe("ended");
      await bridge.close();
    },
  );

  it("lies in a folder that nobody else can enter", async () => {
    const bridge = await openBridge(run, () => true, echo);
    expect(statSync(join(run, "bridge")).mode & 0o777).toBe(0o700);
    await bridge.close();
  });
});
