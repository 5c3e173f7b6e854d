import fc from "fast-check";
import { expect, it } from "vitest";
import {
  decodeStatusMessage,
  encodeStatusMessage,
  parseStatus,
  STATUS,
  statusName,
} from "./index.ts";

it("holds the seventeen statuses in order", () => {
  expect(Object.values(STATUS)).toEqual(Array.from({ length: 17 }, (_, index) => index));
  expect(Object.values(STATUS).map(statusName)).toEqual(Object.keys(STATUS));
});

it.each(["", "17", "-1", "1.5", "x", " 1", "01"])("takes the status %j as UNKNOWN", (text) => {
  expect(parseStatus(text)).toBe(STATUS.UNKNOWN);
  expect(statusName(99)).toBe("UNKNOWN");
});

it("reads back every message it writes, as printable ASCII", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => {
      expect(encodeStatusMessage(text)).toMatch(/^[\x20-\x7e]*$/u);
      expect(decodeStatusMessage(encodeStatusMessage(text))).toBe(text);
    }),
  );
});

it("keeps malformed sequences and 1 KiB", () => {
  expect(decodeStatusMessage("100% %zz %4")).toBe("100% %zz %4");
  expect(decodeStatusMessage("x".repeat(5000))).toHaveLength(1024);
});
