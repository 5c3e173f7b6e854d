import { metrics } from "@opentelemetry/api";
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { AggregationType, MeterProvider } from "@opentelemetry/sdk-metrics";

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What the packages measure, as a scraper reads it. */
export interface Metrics {
  /** The text that Prometheus reads. */
  text(): Promise<string>;
  close(): Promise<void>;
}

/** Takes up whatever is measured in this process from now on: what is made before measures nothing. */
export function collectMetrics(): Metrics {
  const reader = new PrometheusExporter({ preventServerStart: true });
  const aggregation = {
    type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
    options: { boundaries: SECONDS },
  } as const;
  const provider = new MeterProvider({
    readers: [reader],
    views: [{ instrumentName: "*.duration", aggregation }],
  });
  metrics.setGlobalMeterProvider(provider);
  const serializer = new PrometheusSerializer();
  return {
    async text() {
      const { resourceMetrics, errors } = await reader.collect();
      if (errors.length > 0) throw new Error("Cannot collect metrics", { cause: errors[0] });
      return serializer.serialize(resourceMetrics);
    },
    async close() {
      metrics.disable();
      await provider.shutdown();
    },
  };
}
