import { expect, it } from "vitest";

it("exports exactly what its README names", async () => {
  expect(Object.keys(await import("@sigilrt/protocol")).toSorted()).toEqual([
    "FEATURES",
    "LARGEST_MESSAGE_BYTES",
    "LIMITS",
    "ProtocolError",
    "STATUS",
    "WIT_VERSIONS",
    "createMessageReader",
    "decodeStatusMessage",
    "encodeStatusMessage",
    "formatHandshake",
    "formatReattach",
    "frameMessage",
    "handshake",
    "parseHandshake",
    "parseLogLine",
    "parseReattach",
    "parseStatus",
    "renderLogLine",
    "startsPanic",
    "statusName",
  ]);
  expect(Object.keys(await import("@sigilrt/protocol/node")).toSorted()).toEqual([
    "bidirectionalRoute",
    "certificateFault",
    "certificatePem",
    "clientMethod",
    "clientStreamRoute",
    "connectMutualTls",
    "createGrpcServer",
    "createMutualTlsServer",
    "createMuxSession",
    "createOneTimeCertificate",
    "openGrpcBroker",
    "openGrpcChannel",
    "serveGrpcBroker",
    "serverMethod",
    "streamRoute",
    "unaryRoute",
  ]);
});
