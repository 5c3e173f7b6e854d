import type { RequestListener } from "node:http";
import { metrics } from "@opentelemetry/api";
import type { AuditStore } from "@sigilrt/enforcer";

/** What the gateway itself measures, beside its packages. Attributes are words of closed lists, never what somebody sent. */
export interface Measures {
  /** The same store, timed: a call waits for it. */
  timed(store: AuditStore): AuditStore;
  /** The same handler, counted. */
  counted(handler: RequestListener): RequestListener;
  authFailed(): void;
  /** Watches a count of records that were lost; it has to stay 0. */
  watchDropped(count: () => number): void;
}

/** Makes the measures; they go to the meter that is registered before, or nowhere. */
export function createMeasures(clock: { now(): number } = performance): Measures {
  const meter = metrics.getMeter("@sigilrt/gateway");
  const requests = meter.createCounter("sigil.http.requests");
  const failures = meter.createCounter("sigil.auth.failures");
  const appends = meter.createHistogram("sigil.audit.append.duration", { unit: "s" });
  const dropped = meter.createObservableCounter("sigil.audit.dropped");
  return {
    timed: (store) => ({
      append(records, options) {
        const begun = clock.now();
        const appended = store.append(records, options);
        const end = (outcome: string) => (): void =>
          appends.record((clock.now() - begun) / 1_000, { outcome });
        appended.then(end("ok"), end("failed"));
        return appended;
      },
      query: (filter, page) => store.query(filter, page),
    }),
    counted: (handler) => (request, response) => {
      response.once("close", () => {
        requests.add(1, { status: `${Math.trunc(response.statusCode / 100)}xx` });
      });
      handler(request, response);
    },
    authFailed: () => failures.add(1),
    watchDropped: (count) => dropped.addCallback((result) => result.observe(count())),
  };
}
