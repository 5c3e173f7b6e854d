import { describeWith } from "@sigilrt/testing";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type Internet, openInternet } from "./testing/internet.ts";

const site = "internet.example.org";

describeWith(["bwrap", "prlimit"], "an unmodified program with a granted destination", () => {
  let internet: Internet;
  beforeAll(async () => {
    internet = await openInternet();
  });
  afterAll(() => internet[Symbol.asyncDispose]());
  beforeEach(() => {
    for (const list of [internet.seen, internet.decisions, internet.resolved]) list.length = 0;
  });

  it("is Node with fetch, which is told of the proxy by its variables", async () => {
    const { stdout, stderr, exit } = await internet.confined.node(
      `const a = await fetch("http://${site}:${internet.port}/a?b"); console.log(a.status, await a.text());
       const p = await fetch("http://${site}:${internet.port}/p", { method: "POST", body: "sent" }); console.log(await p.text());`,
      { grants: internet.grants(site) },
    );
    expect(stderr).toBe("");
    expect(stdout).toBe("200 hello \nhello sent\n");
    expect(exit).toEqual({ code: 0, signal: null, reason: "exited" });
  });
});
