import type { CapabilitySet } from "@sigilrt/capability";
import type { SetCompiler } from "./set-compiler.ts";

/** What may be asked. */
export interface CheckRequest {
  /** The plugin that acts. */
  readonly plugin: string;
  /** What it wants to do. */
  readonly capability: string;
  /** The actor. Work without a person runs as a named service user. */
  readonly userId: string;
  /** Where it acts. */
  readonly workspaceId: string;
  /** What the workspace allows. Anything but a set or a list of patterns allows nothing. */
  readonly workspaceAllow: CapabilitySet | readonly string[];
  /** What the user may. Anything but a set or a list of patterns is nothing. */
  readonly userPermissions: CapabilitySet | readonly string[];
  /** The mission under which it acts. */
  readonly mission?: MissionLeg;
  /** The session, for the record. */
  readonly sessionId?: string;
  /** The W3C trace context, for the record. */
  readonly trace?: TraceContext;
}

/** The leg that a mission adds. */
export interface MissionLeg {
  /** The mission, for the record. */
  readonly id: string;
  /** What the mission allows. */
  readonly allow: CapabilitySet;
  /** Milliseconds since 1970 from which on it allows nothing. */
  readonly expiresAt?: number;
}

/** W3C trace context. */
export interface TraceContext {
  /** The trace id. */
  readonly traceId: string;
  /** The span id. */
  readonly spanId: string;
}

/** Everything of a request but the capability, checked. */
export interface Subject {
  readonly plugin: string;
  readonly userId: string;
  readonly workspaceId: string;
  readonly workspace: CapabilitySet;
  readonly user: CapabilitySet;
  readonly mission: Required<MissionLeg> | undefined;
  readonly sessionId: string | undefined;
  readonly trace: TraceContext | undefined;
}

/** The fields of a request as they were found. Each is read once: a getter may answer otherwise the next time. */
export class Fields {
  plugin: unknown;
  capability: unknown;
  userId: unknown;
  workspaceId: unknown;
  workspaceAllow: unknown;
  userPermissions: unknown;
  mission: unknown;
  sessionId: unknown;
  trace: unknown;

  /** Reads a request. When a getter throws, what was read so far stays. */
  read(request: unknown): void {
    if (!isObject(request)) return;
    this.plugin = request["plugin"];
    this.capability = request["capability"];
    this.userId = request["userId"];
    this.workspaceId = request["workspaceId"];
    this.workspaceAllow = request["workspaceAllow"];
    this.userPermissions = request["userPermissions"];
    this.mission = request["mission"];
    this.sessionId = request["sessionId"];
    this.trace = request["trace"];
  }
}

/** Checks the fields; `undefined` when the request is invalid. */
export function parseSubject(fields: Fields, sets: SetCompiler): Subject | undefined {
  const { plugin, userId, workspaceId, sessionId } = fields;
  if (!isId(plugin) || !isId(userId) || !isId(workspaceId)) return undefined;
  if (sessionId !== undefined && !isId(sessionId)) return undefined;
  const mission = parseMission(fields.mission, sets);
  if (fields.mission !== undefined && !mission) return undefined;
  const trace = parseTrace(fields.trace);
  if (fields.trace !== undefined && !trace) return undefined;

  const workspace = sets.compile(fields.workspaceAllow);
  const user = sets.compile(fields.userPermissions);
  return { plugin, userId, workspaceId, workspace, user, mission, sessionId, trace };
}

/** Checks a mission leg; `undefined` when it is invalid. */
export function parseMission(source: unknown, sets: SetCompiler): Required<MissionLeg> | undefined {
  if (!isObject(source)) return undefined;
  const id = source["id"];
  const allow = sets.compile(source["allow"]);
  const expiresAt = source["expiresAt"] ?? Number.POSITIVE_INFINITY;
  return isId(id) && isTime(expiresAt) ? { id, allow, expiresAt } : undefined;
}

const MAX_ID_UNITS = 256;

/** Answers whether `value` may name somebody or something in a record. */
export function isId(value: unknown): value is string {
  return (
    typeof value === "string" &&
    value.length > 0 &&
    value.length <= MAX_ID_UNITS &&
    isPrintable(value)
  );
}

/** Answers whether `value` is a time, or never. */
export function isTime(value: unknown): value is number {
  return typeof value === "number" && !Number.isNaN(value);
}

/** Answers whether `value` has properties to read. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isPrintable(text: string): boolean {
  let hasSurrogate = false;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x20 || (unit >= 0x7f && unit < 0xa0)) return false;
    hasSurrogate ||= unit >= 0xd800 && unit <= 0xdfff;
  }
  return !hasSurrogate || text.isWellFormed();
}

function parseTrace(source: unknown): TraceContext | undefined {
  if (!isObject(source)) return undefined;
  const traceId = source["traceId"];
  const spanId = source["spanId"];
  return isId(traceId) && isId(spanId) ? { traceId, spanId } : undefined;
}
