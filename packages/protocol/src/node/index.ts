/**
 * Speaks gRPC over one stream: all four kinds of call, both roles, with the one-time TLS and both brokers of go-plugin.
 *
 * @packageDocumentation
 */

export { type GrpcBroker, openGrpcBroker, serveGrpcBroker } from "./broker.ts";
export { type BrokerAddress } from "./broker-entries.ts";
export { type BrokeredService } from "./broker-kind.ts";
export { type GrpcCallOptions, type GrpcChannel, openGrpcChannel } from "./grpc-channel.ts";
export { type GrpcOptions } from "./grpc-options.ts";
export { createGrpcServer, type GrpcServer } from "./grpc-server.ts";
export { type Lane, type LaneOptions, openLane } from "./lane.ts";
export { isUsableTerms, LANE_TERMS, LANE_VERSION, type LaneTerms } from "./lane-terms.ts";
export { type MuxBrokerOptions } from "./mux-broker.ts";
export { createMuxSession, type MuxSession, type MuxSessionOptions } from "./mux-session.ts";
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
export { type BrokerListener, type GrpcBrokerOptions } from "./plain-broker.ts";
export {
  bidirectionalRoute,
  clientStreamRoute,
  type Route,
  type RouteContext,
  streamRoute,
  unaryRoute,
} from "./route.ts";
