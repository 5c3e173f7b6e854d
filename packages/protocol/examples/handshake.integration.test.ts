import { expectReadmeExample } from "@sigilrt/testing/example";
import { it } from "vitest";

it("runs the example of the README", async () => {
  await expectReadmeExample(new URL("handshake.ts", import.meta.url), [
    "1|1|unix|/run/plugin.sock|grpc|",
    "/run/plugin.sock",
    "warn",
    "[ 'echo' ]",
  ]);
});
