import {
  type Attributes,
  context,
  type Context,
  isSpanContextValid,
  metrics,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  trace,
  TraceFlags,
} from "@opentelemetry/api";

/** A piece of work with a beginning and an end, as a span. */
export interface Observed {
  /** W3C trace context for whoever continues the work. */
  readonly traceparent: string | undefined;
  /** Begins a part of it. */
  begin(name: string, attributes?: Attributes): Observed;
  /** Runs a part of it. */
  during<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Ends it; an `outcome` that is given is one of a closed list. */
  end(attributes?: Attributes, failed?: "failed"): void;
}

/** Asks whatever SDK is registered when a span begins. */
const tracer = trace.getTracer("@sigilrt/manager");

/**
 * The instruments of one manager, from whatever SDK was registered before it was made; without one they cost next to nothing. Attributes
 * are names of admitted plugins and approved tools, and words of closed lists: never users, arguments or what a plugin or a caller wrote.
 */
export function createTelemetry() {
  const made = metrics.getMeter("@sigilrt/manager");
  return {
    calls: made.createCounter("sigil.plugin.calls"),
    callDuration: made.createHistogram("sigil.plugin.call.duration", { unit: "s" }),
    callsActive: made.createUpDownCounter("sigil.plugin.calls.active"),
    callsQueued: made.createUpDownCounter("sigil.plugin.calls.queued"),
    instances: made.createUpDownCounter("sigil.plugin.instances"),
    restarts: made.createCounter("sigil.plugin.restarts"),
    quarantines: made.createCounter("sigil.plugin.quarantines"),
    reloads: made.createCounter("sigil.plugin.reloads"),
    startDuration: made.createHistogram("sigil.plugin.start.duration", { unit: "s" }),
    denied: made.createCounter("sigil.decision.denied"),
    generation: made.createGauge("sigil.generation"),
    /** Begins a piece of work: as a part of what `traceparent` names, else of what goes on around the caller. */
    begin: (name: string, attributes: Attributes, traceparent?: string): Observed =>
      observe(name, attributes, parentOf(traceparent) ?? context.active()),
  };
}

/** The instruments of one manager. */
export type Telemetry = ReturnType<typeof createTelemetry>;

function observe(name: string, attributes: Attributes, parent: Context): Observed {
  const span = tracer.startSpan(name, { attributes }, parent);
  if (!isKept(span, parent)) return passingOn(traceparentOf(span));
  const within = trace.setSpan(parent, span);
  const begin = (part: string, more: Attributes = {}): Observed => observe(part, more, within);
  return {
    traceparent: traceparentOf(span),
    begin,
    async during(part, work) {
      const observed = begin(part);
      try {
        const value = await work();
        observed.end();
        return value;
      } catch (error) {
        observed.end({}, "failed");
        throw error;
      }
    },
    end(more = {}, failed) {
      span.setAttributes(more);
      // Without a message: what failed may quote anything.
      if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}

/** Whether somebody made a span: without an SDK the answer is the parent again, or nothing. */
function isKept(span: Span, parent: Context): boolean {
  const made = span.spanContext();
  return isSpanContextValid(made) && made.spanId !== trace.getSpanContext(parent)?.spanId;
}

/** What goes on without a span of its own still belongs to the trace that it came with. */
function passingOn(traceparent: string | undefined): Observed {
  const passed: Observed = {
    traceparent,
    begin: () => passed,
    during: (_part, work) => work(),
    end: () => undefined,
  };
  return passed;
}

const written = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/u;

/** What a caller says of its trace is a claim of a stranger: only its exact form is passed on. */
function parentOf(traceparent: string | undefined): Context | undefined {
  const [, traceId, spanId, flags] = written.exec(traceparent ?? "") ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED;
  const parent = { traceId, spanId, traceFlags, isRemote: true };
  return isSpanContextValid(parent) ? trace.setSpanContext(ROOT_CONTEXT, parent) : undefined;
}

function traceparentOf(span: Span): string | undefined {
  const { traceId, spanId, traceFlags } = span.spanContext();
  if (!isSpanContextValid(span.spanContext())) return undefined;
  return `00-${traceId}-${spanId}-${(traceFlags & TraceFlags.SAMPLED).toString(16).padStart(2, "0")}`;
}
