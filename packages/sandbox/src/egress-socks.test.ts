import { describe, expect, it } from "vitest";
import { readSplit } from "./testing/read-split.ts";

const greeting = [5, 1, 0];
const read = (...bytes: readonly number[]) =>
  readSplit(Buffer.from(bytes), []) as {
    state: string;
    isGreeting?: boolean;
    destination?: unknown;
    rest?: string;
  };
const named = (name: string, port = 443): readonly number[] =>
  [
    greeting,
    [5, 1, 0, 3, name.length],
    [...Buffer.from(name, "latin1")],
    [port >> 8, port & 0xff],
  ].flat();

describe("a SOCKS5 client", () => {
  it("asks for an IPv4 address, an IPv6 address or a name, with bytes behind it", () => {
    const v4 = read(...greeting, 5, 1, 0, 1, 192, 0, 2, 7, 1, 187, 104, 105);
    expect(v4).toMatchObject({
      state: "asked",
      destination: { kind: "address", host: "192.0.2.7", port: 443 },
      rest: "hi",
    });
    const loopback = [...Array.from({ length: 15 }, () => 0), 1];
    const v6 = read(...greeting, 5, 1, 0, 4, ...loopback, 0, 80);
    expect(v6.destination).toEqual({ kind: "address", host: "::1", port: 80 });
    expect(read(...named("A.example.org.")).destination).toEqual({
      kind: "name",
      host: "a.example.org",
      port: 443,
    });
    // Some clients send every host as a name.
    expect(read(...named("127.0.0.1")).destination).toMatchObject({ kind: "address" });
  });

  it("may offer other methods beside none, and is refused without that one", () => {
    expect(read(5, 2, 2, 0).state).toBe("greeted");
    expect(read(5, 1, 2)).toMatchObject({ state: "malformed", isGreeting: true });
    expect(read(5, 0)).toMatchObject({ state: "malformed", isGreeting: true });
  });

  it("is waited for at every border", () => {
    const whole = named("a.example.org");
    for (let end = 0; end < whole.length; end += 1) {
      const expected = end < greeting.length ? "more" : "greeted";
      expect(read(...whole.slice(0, end)).state).toBe(expected);
    }
  });

  it.each([
    ["BIND", [5, 2, 0, 1, 1, 1, 1, 1, 0, 80]],
    ["UDP", [5, 3, 0, 1, 1, 1, 1, 1, 0, 80]],
    ["another version", [4, 1, 0, 1, 1, 1, 1, 1, 0, 80]],
    ["a reserved byte", [5, 1, 1, 1, 1, 1, 1, 1, 0, 80]],
    ["an unknown type", [5, 1, 0, 2, 1, 1, 1, 1, 0, 80]],
    ["port 0", [5, 1, 0, 1, 1, 1, 1, 1, 0, 0]],
    ["an empty name", [5, 1, 0, 3, 0, 0, 80]],
  ])("is refused for %s", (_, request) => {
    expect(read(...greeting, ...request)).toMatchObject({ state: "malformed", isGreeting: false });
  });

  it.each([
    "a.example.org\0.b.example.org",
    "user@a.example.org",
    "a.example.org:443",
    "2130706433",
    "0x7f.1",
    "a b",
    "::1",
    "[::1%lo]",
    "\u00e9.example.org",
    "a".repeat(255),
  ])("is refused for the name %j", (name) => {
    expect(read(...named(name)).state).toBe("malformed");
  });
});
