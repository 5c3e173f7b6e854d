import { handshake } from "@sigilrt/protocol";
import { expect, it } from "vitest";
import { DOCUMENTED_VARIABLES, pluginEnvironment } from "./environment.ts";

const facts = {
  handshake,
  versions: [1, 2],
  socketDirectory: "/d",
  temporary: "/d/tmp",
  link: false,
};

it("is what was given and the documented variables, nothing else", () => {
  expect(pluginEnvironment({ A: "1" }, facts)).toEqual({
    A: "1",
    SIGIL_PLUGIN: handshake.magicCookieValue,
    PLUGIN_PROTOCOL_VERSIONS: "1,2",
    PLUGIN_UNIX_SOCKET_DIR: "/d",
    TMPDIR: "/d/tmp",
  });
  const secured = { ...facts, clientCertificate: "PEM" };
  expect(pluginEnvironment({}, secured)).toMatchObject({ PLUGIN_CLIENT_CERT: "PEM" });
  const all = { ...secured, asksMultiplex: true, link: true };
  expect(pluginEnvironment({}, all)).toMatchObject({
    PLUGIN_MULTIPLEX_GRPC: "true",
    SIGIL_LANE_FD: "3",
  });
  expect(Object.keys(pluginEnvironment({}, all)).toSorted()).toEqual(DOCUMENTED_VARIABLES);
});

it.each([...DOCUMENTED_VARIABLES, "PLUGIN_MIN_PORT", "", "A=B", "A\0"])(
  "refuses the variable %j",
  (name) => {
    expect(() => pluginEnvironment({ [name]: "x" }, facts)).toThrow(
      expect.objectContaining({ code: "ENVIRONMENT_REFUSED", phase: "prepare" }),
    );
  },
);

it("refuses a value with a zero byte", () => {
  expect(() => pluginEnvironment({ A: "x\0y" }, facts)).toThrow(
    expect.objectContaining({ code: "ENVIRONMENT_REFUSED" }),
  );
});
