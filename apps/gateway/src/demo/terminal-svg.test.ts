import { describe, expect, it } from "vitest";
import { terminalSvg } from "./terminal-svg.ts";

describe("a drawn terminal", () => {
  it("is the same bytes for the same text, each line by what it is", () => {
    const text = "# a remark\n$ sigil list\nREFUSED  demo\nsaid\n";
    const drawn = terminalSvg("t", text);
    expect(terminalSvg("t", text)).toBe(drawn);
    expect(drawn.match(/class="\w+"/gu)).toEqual([
      'class="remark"',
      'class="command"',
      'class="alarm"',
      'class="said"',
    ]);
  });

  it("shows markup and control characters as text", () => {
    const drawn = terminalSvg('"><script>', '</text><script>alert("x")</script>\u001b[2J&');
    expect(drawn).not.toContain("<script");
    expect(drawn).not.toContain("\u001b");
    expect(drawn).toContain("&lt;script&gt;alert(&quot;x&quot;)");
  });

  it("wraps what is wider than the image, and refuses what nobody would read", () => {
    const drawn = terminalSvg("t", "x".repeat(201));
    expect(drawn.match(/<text/gu)).toHaveLength(3);
    expect(() => terminalSvg("t", "x\n".repeat(401))).toThrow(RangeError);
  });
});
