import { describeWith } from "@sigilrt/testing";
import { expect, it } from "vitest";
import { makeGatewayFolder, runSigilCommand, startGateway } from "./testing/start-gateway.ts";

describeWith(["bwrap", "prlimit"], "a plugin without the endpoint", () => {
  it("runs contained, decided and on record, for the person who is named, and keeps what it wrote", async () => {
    await using place = makeGatewayFolder({ plugins: ["text", "notes"] });
    const run = (...words: readonly string[]) =>
      runSigilCommand("run", ...words, "--config", place.config);
    const note = '{"title":"one","text":"kept"}';
    expect(await run("notes", "--tool", "add", "--arguments", note)).toMatchObject({
      code: 0,
      out: 'Kept "one"\n',
    });
    const read = ["notes", "--tool", "read", "--arguments", '{"title":"one"}'];
    expect(await run(...read)).toMatchObject({ code: 0, out: "kept\n" });
    const ben = ["--user", "ben", "--workspace", "library"];
    expect(await run(...read, ...ben)).toMatchObject({ code: 3, out: 'There is no note "one"\n' });
    expect(await run("notes", "--tool", "add", "--arguments", note, ...ben)).toMatchObject({
      code: 3,
      out: "",
      err: expect.stringMatching(/denied, not_allowed/u),
    });
    expect(await run(...read, "--user", "eve", "--workspace", "library")).toMatchObject({
      code: 3,
      err: expect.stringMatching(/no such user/u),
    });
    expect(await run("ghost", "--tool", "x")).toMatchObject({
      code: 3,
      err: expect.stringMatching(/not admitted: .*lists no plugin/u),
    });
    const log = await runSigilCommand(
      "audit",
      "tail",
      "--plugin",
      "notes",
      "--config",
      place.config,
    );
    expect(log.out).toMatch(/denied.*ben@library/u);
    expect(await runSigilCommand("audit", "verify", "--config", place.config)).toMatchObject({
      code: 0,
    });

    await using gateway = await startGateway(place.config);
    expect(await run(...read)).toMatchObject({
      code: 3,
      err: expect.stringMatching(/a gateway runs/u),
    });
    expect(await gateway.stop()).toBe(0);
  }, 120_000);
});
