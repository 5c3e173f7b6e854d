import { expectReadmeExample } from "@sigilrt/testing/example";
import { it } from "vitest";

it("runs the example of the README", async () => {
  await expectReadmeExample(new URL("review.ts", import.meta.url), [
    "weather 268435456 10000",
    "kv.read declared",
    "net.connect.api.weather.example:443 sandbox",
    "{",
    "  supported: false,",
    "  code: 'ENGINE_UNSUPPORTED',",
    "  engine: '>=0.1.0 <2',",
    "  version: '2.0.0',",
    '  message: \'Cannot load "weather": it needs a runtime ">=0.1.0 <2", this is "2.0.0"\'',
    "}",
    "1:1 field.required execution.tier: Cannot do without execution.tier: it is missing",
    '6:19 capability.malformed capabilities[0].pattern: Cannot use pattern "kv.re*": INVALID_PATTERN, a star is a whole segment; write "messages.*" instead of "mess*", "./data/*" instead of "./data*", and one star instead of two',
    '8:1 field.unknown executoin: Cannot use key "executoin": no manifest has it here (suggestion: execution)',
  ]);
});
