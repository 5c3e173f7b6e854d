import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openTokenStore } from "./tokens.ts";

const owner = { user: "ada", workspace: "home" };
let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "tokens-")), "tokens");
});
afterEach(() => rmSync(join(folder, ".."), { recursive: true }));

describe("the token store", () => {
  it("knows whom a token speaks for, also after it was opened again", async () => {
    const token = await (await openTokenStore(folder)).create(owner, "until_revoked");
    expect(token).toMatch(/^sgl_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/u);
    const store = await openTokenStore(folder);
    expect(await store.verify(token)).toEqual(owner);
  });

  it("keeps the hash of a secret and never the secret, readable by its owner alone", async () => {
    const store = await openTokenStore(folder);
    const token = await store.create(owner, "session");
    const [file = ""] = readdirSync(folder);
    expect(readFileSync(join(folder, file), "utf8")).not.toContain(token.slice(-43));
    expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it("refuses what is no token of this gateway", async () => {
    const store = await openTokenStore(folder);
    const token = await store.create(owner, "session");
    const other = await store.create({ user: "ben", workspace: "home" }, "session");
    const [, id = "", secret = ""] = /^sgl_([^_]+)_(.+)$/u.exec(token) ?? [];
    const [, , othersSecret = ""] = /^sgl_([^_]+)_(.+)$/u.exec(other) ?? [];
    const forged = [
      "",
      "sgl",
      `sgl_${id}_${othersSecret}`,
      `sgl_${"0".repeat(16)}_${secret}`,
      `sgl_../${id}_${secret}`,
      `${token} `,
      `${token}\n`,
      token.slice(0, -1),
    ];
    expect(await Promise.all(forged.map((text) => store.verify(text)))).toEqual(
      forged.map(() => undefined),
    );
  });

  it("names a file that is damaged and lets nobody in with it", async () => {
    const store = await openTokenStore(folder);
    const token = await store.create(owner, "session");
    const path = join(folder, readdirSync(folder)[0] ?? "");
    writeFileSync(path, "{");
    const named = `Cannot read token file "${path}": it is damaged; remove it`;
    await expect(store.verify(token)).rejects.toThrow(named);
    await expect(store.endSessions()).rejects.toThrow(named);
  });

  it("ends the sessions before a start and keeps the tokens that stay", async () => {
    const store = await openTokenStore(folder);
    const session = await store.create(owner, "session");
    const staying = await store.create(owner, "until_revoked");
    await store.endSessions();
    expect(await store.verify(session)).toBeUndefined();
    expect(await store.verify(staying)).toEqual(owner);
  });

  it("lets nobody in with a token that has ended, to the millisecond", async () => {
    const clock = { time: Date.parse("2026-01-02T00:00:00Z"), now: (): number => clock.time };
    const store = await openTokenStore(folder, clock);
    const token = await store.create(owner, { until: "2026-01-03T00:00:00.000Z" });
    clock.time = Date.parse("2026-01-02T23:59:59.999Z");
    expect(await store.verify(token)).toEqual(owner);
    clock.time += 1;
    expect(await store.verify(token)).toBeUndefined();
  });

  it("lists tokens oldest first, with their last use and without their secrets", async () => {
    const clock = { time: Date.now(), now: (): number => clock.time };
    const store = await openTokenStore(folder, clock);
    const first = await store.create(owner, "until_revoked");
    clock.time += 60_000;
    await store.create({ ...owner, user: "ben" }, "session");
    clock.time += 3_600_000;
    await store.verify(first);
    writeFileSync(join(folder, "note.txt"), "no token");
    const listed = await store.list();
    expect(listed).toMatchObject([
      { user: "ada", session: false, used: new Date(clock.time).toISOString() },
      { user: "ben", session: true },
    ]);
    expect(listed[1]).not.toHaveProperty("used");
    expect(JSON.stringify(listed)).not.toContain(first.slice(-43));
  });

  it("revokes one by its id, and nothing by a path", async () => {
    const store = await openTokenStore(folder);
    const token = await store.create(owner, "until_revoked");
    const id = token.slice(4, 20);
    writeFileSync(join(folder, "../victim.json"), "{}");
    expect(await store.revoke("../victim")).toBe(false);
    expect(readFileSync(join(folder, "../victim.json"), "utf8")).toBe("{}");
    expect([await store.revoke(id), await store.revoke(id)]).toEqual([true, false]);
    expect(await store.verify(token)).toBeUndefined();
  });
});
