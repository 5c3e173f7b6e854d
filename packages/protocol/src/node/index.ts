/**
 * Speaks gRPC over one stream: unary calls and calls answered by a stream, both roles, with the one-time TLS of go-plugin.
 *
 * @packageDocumentation
 */

export { type GrpcCallOptions, type GrpcChannel, openGrpcChannel } from "./grpc-channel.ts";
export { type GrpcOptions } from "./grpc-options.ts";
export { createGrpcServer, type GrpcServer } from "./grpc-server.ts";
export {
  certificateFault,
  connectMutualTls,
  createMutualTlsServer,
  type MutualTls,
} from "./mutual-tls.ts";
export {
  certificatePem,
  createOneTimeCertificate,
  type OneTimeCertificate,
} from "./one-time-certificate.ts";
export { clientMethod, type Method, serverMethod } from "./method.ts";
export { type Route, type RouteContext, streamRoute, unaryRoute } from "./route.ts";
