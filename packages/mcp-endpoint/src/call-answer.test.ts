import type { CallOutcome } from "@sigilrt/manager";
import { describe, expect, it } from "vitest";
import { answerOf, unknownTool } from "./call-answer.ts";

const seen = (): boolean => true;
const gone = (): boolean => false;

describe("the answer to an outcome", () => {
  it("is the same about a tool that does not exist and one that may not be used", () => {
    const denied = { kind: "denied", decisionId: "d1" } as const;
    const answers = [
      answerOf({ ...denied, publicReason: "not_available" }, seen),
      answerOf({ ...denied, publicReason: "not_available" }, gone),
      answerOf({ ...denied, publicReason: "not_allowed" }, gone),
    ];
    for (const answer of answers) expect(JSON.stringify(answer)).toBe(JSON.stringify(unknownTool));
    expect(unknownTool).toEqual({ ok: false, error: { code: -32_602, message: "Unknown tool" } });
  });

  it("names reason, decision and retry time of a tool that is seen and refused", () => {
    const outcome = { kind: "denied", decisionId: "d1", retryAfterMs: 1_500 } as const;
    expect(answerOf({ ...outcome, publicReason: "limit" }, seen)).toEqual({
      ok: true,
      result: {
        isError: true,
        content: [{ type: "text", text: "Refused: limit, decision d1, try again in 2 s" }],
        _meta: {
          "dev.sigilrt/decision": { reason: "limit", decisionId: "d1", retryAfterMs: 1_500 },
        },
      },
    });
  });

  it("points at what is wrong with arguments", () => {
    const issues = [{ path: ["arguments", "a/b", "~", 0], message: "must be a string" }];
    expect(answerOf({ kind: "invalid", issues }, seen)).toEqual({
      ok: false,
      error: {
        code: -32_602,
        message: "Invalid params",
        data: { issues: [{ pointer: "/arguments/a~1b/~0/0", message: "must be a string" }] },
      },
    });
  });

  it.each([
    [
      { kind: "unavailable", reason: "starting", retryAfterMs: 10 },
      "Unavailable: starting, try again in 1 s",
      { "dev.sigilrt/unavailable": { reason: "starting", retryAfterMs: 10 } },
    ],
    [
      { kind: "unavailable", reason: "quarantined" },
      "Unavailable: quarantined",
      { "dev.sigilrt/unavailable": { reason: "quarantined" } },
    ],
    [
      { kind: "cancelled", by: "deadline" },
      "Cancelled: deadline",
      { "dev.sigilrt/cancelled": { by: "deadline" } },
    ],
  ] as const satisfies readonly (readonly [CallOutcome, string, object])[])(
    "says %j in words and in data",
    (outcome, text, meta) => {
      expect(answerOf(outcome, seen)).toEqual({
        ok: true,
        result: { isError: true, content: [{ type: "text", text }], _meta: meta },
      });
    },
  );
});
