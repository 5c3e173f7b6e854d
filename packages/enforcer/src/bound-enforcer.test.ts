import { expect, it } from "vitest";
import { required } from "./bound-enforcer.ts";

it("throws rather than to go on without a decision", () => {
  expect(() => required(undefined)).toThrow(TypeError);
});
