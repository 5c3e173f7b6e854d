import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type DescMessage, type DescService } from "@bufbuild/protobuf";
import { file_common_v1_common } from "@sigilrt/protocol/common/v1";
import { file_plugin_v1_plugin } from "@sigilrt/protocol/plugin/v1";
import { describe, expect, it } from "vitest";
import {
  ConnInfoSchema,
  GRPCBroker,
  GRPCController,
  GRPCStdio,
  Health,
  StdioDataSchema,
} from "./goplugin.ts";
import { file_goplugin_control } from "./gen/goplugin/control_pb.ts";
import { file_grpc_health_v1_health } from "./gen/grpc/health/v1/health_pb.ts";
import { keptEnums, keptMessages, keptMethods } from "./testing/kept-contract.ts";
import { WIT_VERSIONS } from "./index.ts";

const run = promisify(execFile);
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const messages = [...file_common_v1_common.messages, ...file_plugin_v1_plugin.messages];
const enums = [...file_common_v1_common.enums, ...file_plugin_v1_plugin.enums];

describe("the kept contract", () => {
  it.each(Object.entries(keptMessages))("keeps the numbers and types of %s", (typeName, fields) => {
    const message = messages.find((candidate) => candidate.typeName === typeName);
    expect(fieldsOf(message).slice(0, fields.length)).toEqual(fields);
  });

  it.each(Object.entries(keptEnums))("keeps the numbers of %s", (typeName, values) => {
    const found = enums.find((candidate) => candidate.typeName === typeName);
    expect(found?.values.map(({ name }) => name)).toEqual(values);
    expect(found?.values.map(({ number }) => number)).toEqual(values.map((_, index) => index));
  });

  it.each(Object.entries(keptMethods))("keeps the methods of %s", (typeName, methods) => {
    expect(
      methodsOf(file_plugin_v1_plugin.services.find((service) => service.typeName === typeName)),
    ).toEqual(methods);
  });

  it("speaks the control services of go-plugin", () => {
    expect(
      [file_goplugin_control, file_grpc_health_v1_health].map((file) => file.proto.package),
    ).toEqual(["plugin", "grpc.health.v1"]);
    expect(
      [GRPCController, GRPCStdio, GRPCBroker, Health].flatMap((service) => [
        [service.typeName].concat(methodsOf(service)),
      ]),
    ).toEqual([
      ["plugin.GRPCController", "Shutdown plugin.Empty -> plugin.Empty"],
      ["plugin.GRPCStdio", "StreamStdio google.protobuf.Empty -> stream plugin.StdioData"],
      ["plugin.GRPCBroker", "StartStream stream plugin.ConnInfo -> stream plugin.ConnInfo"],
      [
        "grpc.health.v1.Health",
        "Check grpc.health.v1.HealthCheckRequest -> grpc.health.v1.HealthCheckResponse",
      ],
    ]);
    expect(fieldsOf(ConnInfoSchema)).toEqual([
      "service_id 1 uint32",
      "network 2 string",
      "address 3 string",
      "knock 4 plugin.ConnInfo.Knock",
    ]);
    expect(fieldsOf(StdioDataSchema)).toEqual([
      "channel 1 plugin.StdioData.Channel",
      "data 2 bytes",
    ]);
  });
});

it("has generated code that matches its .proto files byte for byte", async () => {
  const out = await mkdtemp(join(tmpdir(), "sigil-gen-"));
  try {
    const cwd = at("../");
    const env = {
      ...process.env,
      PATH: `${at("../node_modules/.bin")}:${at("../../../node_modules/.bin")}:${process.env["PATH"] ?? ""}`,
    };
    await run("buf", ["generate", "-o", out], { cwd, env });
    await run("oxfmt", [join(out, "src/gen")], { cwd: at("../../../"), env });
    const fresh = await contentOf(join(out, "src/gen"));
    expect(fresh.size).toBe(4);
    expect(fresh).toEqual(await contentOf(at("gen")));
  } finally {
    await rm(out, { recursive: true });
  }
});

it("ships the WIT world whose version it names", async () => {
  const wit = await readFile(at("../wit/plugin.wit"), "utf8");
  expect(WIT_VERSIONS).toContain(/^package sigil:plugin@([\d.]+);/u.exec(wit)?.[1]);
});

async function contentOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = files
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .toSorted();
  const texts = await Promise.all(paths.map((path) => readFile(path, "utf8")));
  return new Map(paths.map((path, index) => [path.slice(folder.length), texts[index] ?? ""]));
}

function fieldsOf(message: DescMessage | undefined): readonly string[] {
  return (message?.fields ?? []).map((field) => {
    const element =
      field.proto.typeName === "" ? scalars.get(field.proto.type) : field.proto.typeName.slice(1);
    const repeated = field.fieldKind === "list" ? "repeated " : "";
    const oneof = field.oneof === undefined ? "" : ` in ${field.oneof.name}`;
    return `${field.name} ${field.number} ${repeated}${field.fieldKind === "map" ? "map" : element}${oneof}`;
  });
}

const scalars: ReadonlyMap<number, string> = new Map([
  [1, "double"],
  [2, "float"],
  [3, "int64"],
  [4, "uint64"],
  [5, "int32"],
  [8, "bool"],
  [9, "string"],
  [12, "bytes"],
  [13, "uint32"],
]);

function methodsOf(service: DescService | undefined): readonly string[] {
  return (service?.methods ?? []).map((method) => {
    const sends =
      method.methodKind === "bidi_streaming" || method.methodKind === "client_streaming"
        ? "stream "
        : "";
    const answers =
      method.methodKind === "bidi_streaming" || method.methodKind === "server_streaming"
        ? "stream "
        : "";
    return `${method.name} ${sends}${method.input.typeName} -> ${answers}${method.output.typeName}`;
  });
}
