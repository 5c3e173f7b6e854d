import { beforeEach, describe, expect, it } from "vitest";
import { type Operator, starter } from "./operator.ts";
import { createSessions, type Sessions } from "./sessions.ts";

const HOUR_MS = 3_600_000;
let now: number;
let sessions: Sessions;
const operator = starter("operator:7");

beforeEach(() => {
  now = 1_000_000;
  sessions = createSessions({ now: () => now });
});

const nameOf = async (cookie: string, key: string): Promise<string | undefined> =>
  (await sessions.find(cookie, key))?.name;

describe("a link", () => {
  it("signs in once", () => {
    const link = sessions.issueLink(operator);
    expect(sessions.redeem(link)).toBe(operator);
    expect(sessions.redeem(link)).toBeUndefined();
  });

  it("is void after an hour, and when there is a newer one", () => {
    const old = sessions.issueLink(operator);
    const link = sessions.issueLink(operator);
    expect(sessions.redeem(old)).toBeUndefined();
    now += HOUR_MS + 1;
    expect(sessions.redeem(link)).toBeUndefined();
  });

  it("is used up by nobody else's guess", () => {
    const link = sessions.issueLink(operator);
    for (const guess of ["", "x", `${link}x`, link.slice(1), link.toLowerCase()]) {
      expect(sessions.redeem(guess)).toBeUndefined();
    }
    expect(sessions.redeem(link)).toBe(operator);
  });
});

describe("a session", () => {
  it("needs the cookie and the key that belong together", async () => {
    const mine = sessions.open(operator);
    const other = sessions.open(starter("operator:8"));
    expect(await nameOf(mine.cookie, mine.key)).toBe("operator:7");
    expect(await nameOf(mine.cookie, other.key)).toBeUndefined();
    expect(await nameOf(mine.cookie, "")).toBeUndefined();
    expect(await nameOf("", mine.key)).toBeUndefined();
    expect(await nameOf(mine.key, mine.cookie)).toBeUndefined();
  });

  it("ends after an hour without a request, and goes on with them", async () => {
    const { cookie, key } = sessions.open(operator);
    now += HOUR_MS;
    expect(await nameOf(cookie, key)).toBe("operator:7");
    now += HOUR_MS;
    expect(await nameOf(cookie, key)).toBe("operator:7");
    now += HOUR_MS + 1;
    expect(await nameOf(cookie, key)).toBeUndefined();
  });

  it("ends after twelve hours, whatever is done with it", async () => {
    const { cookie, key } = sessions.open(operator);
    for (let hour = 0; hour < 12; hour += 1) {
      now += HOUR_MS;
      // oxlint-disable-next-line no-await-in-loop -- one hour after the other
      expect(await nameOf(cookie, key)).toBe("operator:7");
    }
    now += 1;
    expect(await nameOf(cookie, key)).toBeUndefined();
  });

  it("ends with the token that began it, for good", async () => {
    let stands = true;
    const holder: Operator = { ...operator, stands: async () => stands };
    const { cookie, key } = sessions.open(holder);
    stands = false;
    expect(await nameOf(cookie, key)).toBeUndefined();
    stands = true;
    expect(await nameOf(cookie, key)).toBeUndefined();
  });

  it("ends when it is ended, and when sixteen others have begun", async () => {
    const first = sessions.open(operator);
    sessions.end(first.cookie);
    expect(await nameOf(first.cookie, first.key)).toBeUndefined();
    const oldest = sessions.open(operator);
    const others = Array.from({ length: 16 }, () => sessions.open(operator));
    expect(await nameOf(oldest.cookie, oldest.key)).toBeUndefined();
    expect(await nameOf(others[0]?.cookie ?? "", others[0]?.key ?? "")).toBe("operator:7");
  });
});
