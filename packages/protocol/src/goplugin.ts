/**
 * The control services of go-plugin programs and the standard health service.
 *
 * @packageDocumentation
 */

export {
  type ConnInfo,
  type ConnInfo_Knock,
  ConnInfo_KnockSchema,
  ConnInfoSchema,
  type Empty,
  EmptySchema,
  GRPCBroker,
  GRPCController,
  GRPCStdio,
  type StdioData,
  StdioData_Channel,
  StdioData_ChannelSchema,
  StdioDataSchema,
} from "./gen/goplugin/control_pb.ts";
export {
  Health,
  type HealthCheckRequest,
  HealthCheckRequestSchema,
  type HealthCheckResponse,
  HealthCheckResponse_ServingStatus,
  HealthCheckResponse_ServingStatusSchema,
  HealthCheckResponseSchema,
} from "./gen/grpc/health/v1/health_pb.ts";
