/** The statuses a gRPC call may end with. Frozen. */
export const STATUS = Object.freeze({
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const);

/** Answers the name of a status; a number outside the table is `UNKNOWN`, as gRPC asks. */
export function statusName(status: number): string {
  return names.get(status) ?? "UNKNOWN";
}

/** Reads the text of a `grpc-status` header; what is no status of the table is `UNKNOWN`. */
export function parseStatus(text: string): number {
  return /^(?:\d|1[0-6])$/u.test(text) ? Number(text) : STATUS.UNKNOWN;
}

const names: ReadonlyMap<number, string> = new Map(
  Object.entries(STATUS).map(([name, status]) => [status, name]),
);
