import { describe, expect, it } from "vitest";
import { originFault } from "./origin-check.ts";

const own = { host: "127.0.0.1:8766" };
const fault = (method: string, headers: Readonly<Record<string, string>>): string | undefined =>
  originFault({ method, headers }, 8766);

describe("the page's listener", () => {
  it.each([
    ["a page of its own that reads", "GET", { ...own, "sec-fetch-site": "same-origin" }],
    ["an address that is typed", "GET", { ...own, "sec-fetch-site": "none" }],
    [
      "a link from elsewhere to the page itself",
      "GET",
      { ...own, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" },
    ],
    ["a scraper, which says nothing of the kind", "GET", own],
    ["a page of its own that writes", "POST", { ...own, origin: "http://127.0.0.1:8766" }],
    [
      "the name localhost",
      "POST",
      { host: "localhost:8766", origin: "http://localhost:8766", "sec-fetch-site": "same-origin" },
    ],
  ])("takes %s", (_, method, headers) => {
    expect(fault(method, headers)).toBeUndefined();
  });

  it.each([
    ["a name that somebody made resolve to this machine", "GET", { host: "evil.example:8766" }],
    ["another port's name", "GET", { host: "127.0.0.1:8765" }],
    ["a name that only begins like its own", "GET", { host: "127.0.0.1:87660" }],
    ["a name without a port", "GET", { host: "127.0.0.1" }],
    ["no name", "GET", {}],
  ])("refuses %s as a host", (_, method, headers) => {
    expect(fault(method, headers)).toBe("host");
  });

  it.each([
    ["a write from another page", "POST", { ...own, origin: "https://evil.example" }],
    ["a write from another port of this machine", "POST", { ...own, origin: "http://127.0.0.1:9" }],
    ["a write from a page that hides where it is", "POST", { ...own, origin: "null" }],
    ["a write that says nothing of its origin", "POST", own],
    ["a read from another page", "GET", { ...own, origin: "https://evil.example" }],
    ["a read that a browser calls foreign", "GET", { ...own, "sec-fetch-site": "cross-site" }],
    ["a read from another port", "GET", { ...own, "sec-fetch-site": "same-site" }],
    ["a write under the other own name", "POST", { ...own, origin: "http://localhost:8766" }],
  ])("refuses %s", (_, method, headers) => {
    expect(fault(method, headers)).toBe("origin");
  });
});
